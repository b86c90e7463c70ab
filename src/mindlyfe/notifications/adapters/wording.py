"""Clinics' words put together: their streams, their list, their routes."""

from collections.abc import Callable, Mapping
from typing import Final

from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.roles import ADMIN, CLINICIANS
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters.http.templates import routes
from mindlyfe.notifications.adapters.templates_written import TemplateList
from mindlyfe.notifications.adapters.words import Words
from mindlyfe.notifications.application.writing import Writing
from mindlyfe.notifications.domain import template
from mindlyfe.notifications.domain.delivery import Change, Delivery

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "message-templates:read": CLINICIANS | ADMIN,
    "message-templates:write": ADMIN,
}


def wording(p: Platform, own: TemplateList, deliveries: Streams[Delivery, Change], asked: Callable[[], None]) -> Module:
    """Put it together; `asked` rings for deliveries."""
    streams: Streams[template.Versions, template.Change] = Streams(
        p.database, p.keys, name="template", events=template.Change, evolve=template.evolve, inline=(own,)
    )
    writing = Writing(
        streams=streams,
        deliveries=deliveries,
        own=own,
        frames=Words(),
        home=p.settings.public_url,
        clock=p.clock,
        ids=p.ids,
        asked=asked,
    )
    return Module(name=p.context, routes=[routes(writing)], grants=GRANTS, streams=(streams,))
