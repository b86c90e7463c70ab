"""Definitions of workflows: those that come with MindLyfe, and a clinic's own in versions that stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.contract.workflows import (
    Before,
    Digest,
    Send,
    Step,
    Throttle,
    Unsound,
    Workflow,
    WorkflowName,
)


class Defined(Event, frozen=True, kw_only=True, tag="workflow.defined.v1"):
    """The clinic's next version."""

    name: WorkflowName
    workflow: Workflow
    by: PersonId
    at: Instant


class Dropped(Event, frozen=True, kw_only=True, tag="workflow.dropped.v1"):
    """The one that comes with MindLyfe begins again from now on."""

    name: WorkflowName
    by: PersonId
    at: Instant


type Change = Defined | Dropped


class Editions(msgspec.Struct, frozen=True):
    """A clinic's own versions of one workflow; the last is in use, unless they were dropped."""

    own: tuple[Workflow, ...] = ()
    dropped: bool = True


class Nature(NamedTuple):
    """What a workflow is, whatever its steps are."""

    templates: frozenset[Kind]
    """What it may say; its values fit these."""
    timed: bool = False
    """Whether what it is about has a moment."""
    critical: bool = False


_TOLD: Final[tuple[WorkflowName, ...]] = (
    "appointment-booked",
    "appointment-cancelled",
    "appointment-moved",
    "appointment-requested",
    "appointment-declined",
    "appointment-missed",
)
"""Workflows that tell at once what happened to an appointment."""
NATURES: Final[Mapping[WorkflowName, Nature]] = {
    **{name: Nature(frozenset({name})) for name in _TOLD},
    "appointment-reminder": Nature(frozenset({"appointment-reminder"}), timed=True),
    "safety-task": Nature(frozenset({"safety-task"}), critical=True),
}


def _reminder(hours: int) -> tuple[Step, Step]:
    return (
        Before(key=f"before-{hours}-h", minutes=hours * 60),
        Send(key=f"send-{hours}-h", channels=("email", "sms", "push", "in-app")),
    )


_TELL: Final = Workflow(steps=(Send(key="tell", channels=("email", "sms", "push", "in-app")),))
SHIPPED: Final[Mapping[WorkflowName, Sequence[Workflow]]] = {
    **dict.fromkeys(_TOLD, (_TELL,)),
    "appointment-reminder": (Workflow(steps=(*_reminder(48), *_reminder(24), *_reminder(1))),),
    "safety-task": (_TELL,),
}
"""A change to one of them is a next edition beside the old, by which runs may still be going on."""


def evolve(state: Editions | None, change: Change) -> Editions:
    """Fold one event."""
    own = state.own if state else ()
    match change:
        case Defined(workflow=workflow):
            return Editions((*own, workflow), dropped=False)
        case Dropped():
            return Editions(own, dropped=True)


def define(
    state: Editions | None, name: WorkflowName, workflow: Workflow, *, by: PersonId, at: datetime
) -> Sequence[Change]:
    """The clinic's next version; the same as is in use, nothing happens. Raises Unsound."""
    refuse_unsound(name, workflow)
    if state and not state.dropped and state.own[-1] == workflow:
        return []
    return [Defined(name=name, workflow=workflow, by=by, at=at)]


def drop(state: Editions | None, name: WorkflowName, *, by: PersonId, at: datetime) -> Sequence[Change]:
    """Go back to the one that comes with MindLyfe; twice is once."""
    return [] if state is None or state.dropped else [Dropped(name=name, by=by, at=at)]


def refuse_unsound(name: WorkflowName, workflow: Workflow) -> None:
    """Raises Unsound, naming the step that is wrong."""
    nature, before = NATURES[name], list[Step]()
    for step in workflow.steps:
        if step.key in {one.key for one in before}:
            raise Unsound(f"Two steps are called {step.key}.")
        match step:
            case Send():
                _refuse_send(nature, step, before)
            case Before():
                _refuse_before(nature, step, before)
            case Digest() | Throttle() if nature.critical:
                raise Unsound(f"{step.key}: what is critical is neither collected nor held back.")
            case Digest() if before:
                raise Unsound(f"{step.key}: only the first step can collect.")
            case Digest() if nature.timed:
                raise Unsound(f"{step.key}: what has a moment is not collected.")
            case _:
                pass
        before.append(step)
    if not any(isinstance(step, Send) for step in workflow.steps):
        raise Unsound("No step sends anything.")
    if nature.critical and not _tells_at_once(name, workflow):
        raise Unsound("What is critical begins with all channels that it has in the shipped edition.")


def _tells_at_once(name: WorkflowName, workflow: Workflow) -> bool:
    first, shipped = workflow.steps[0], SHIPPED[name][-1].steps[0]
    assert isinstance(shipped, Send)
    return isinstance(first, Send) and not first.when and set(shipped.channels) <= set(first.channels)


def _refuse_send(nature: Nature, step: Send, before: Sequence[Step]) -> None:
    if step.template is not None and step.template not in nature.templates:
        raise Unsound(f"{step.key}: the template {step.template} does not belong to this workflow.")
    sends = {one.key for one in before if isinstance(one, Send)}
    for condition in step.when:
        if condition.step not in sends:
            raise Unsound(f"{step.key}: its condition names {condition.step}, which sends nothing before it.")


def _refuse_before(nature: Nature, step: Before, before: Sequence[Step]) -> None:
    if not nature.timed:
        raise Unsound(f"{step.key}: this workflow is about nothing that has a moment.")
    if any(isinstance(one, Before) and one.minutes <= step.minutes for one in before):
        raise Unsound(f"{step.key}: it comes before an earlier step.")
