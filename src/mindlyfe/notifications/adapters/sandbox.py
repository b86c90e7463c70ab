"""Mail in a clinic's own words: a small part of Jinja, checked before it is kept, and rendered in a sandbox.

It has values, the filter `moment` and conditions; no loops, calls, attributes, arithmetics, includes. So it ends, and
its result is not much longer than its words and values.
"""

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mindlyfe.notifications.contract.templates import TemplateUnsound
from mindlyfe.notifications.contract.workflows import WorkflowName
from mindlyfe.notifications.domain.reaching import APPOINTMENTS

_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Filter,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_ALWAYS: Final = ("name", "sender", "home", "items")


def placeholders(message: WorkflowName) -> list[str]:
    """The values that a mail of this kind may name."""
    return [*_ALWAYS, *(("starts", "minutes") if message in APPOINTMENTS else ("link",))]


class Sandbox:
    """Checks and renders bodies of mails."""

    def __init__(self, moment: Any) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self._environment.filters = {"moment": moment}
        self._environment.globals, self._environment.tests = {}, {}

    def refuse_unsound(self, message: WorkflowName, body: str) -> None:
        """Raises TemplateUnsound, which names what does not belong there."""
        try:
            tree = self._environment.parse(body)
        except TemplateSyntaxError as wrong:
            raise TemplateUnsound(f"Line {wrong.lineno} cannot be read.") from wrong
        known = placeholders(message)
        for node in (tree, *tree.find_all(nodes.Node)):
            if not isinstance(node, _ALLOWED):
                raise TemplateUnsound(f"Line {node.lineno} holds {type(node).__name__}, which has no place here.")
            if isinstance(node, nodes.Name) and (node.name not in known or node.ctx != "load"):
                raise TemplateUnsound(f"There is no value {node.name}. There are: {', '.join(known)}.")
            if isinstance(node, nodes.Filter) and not _is_moment(node):
                raise TemplateUnsound("Only `starts | moment` filters a value.")

    def filled(self, body: str, values: Mapping[str, Any]) -> str:
        """The body with its values."""
        return self._environment.from_string(body).render(values)


def _is_moment(node: nodes.Filter) -> bool:
    return (
        node.name == "moment"
        and isinstance(node.node, nodes.Name)
        and node.node.name == "starts"
        and not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    )
