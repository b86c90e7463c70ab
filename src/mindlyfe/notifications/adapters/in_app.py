"""The inbox in the app put together: its streams, its channel, its routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, LiteralString, Self

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import EVERYBODY
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters.carriers import provider
from mindlyfe.notifications.adapters.http.inbox import routes
from mindlyfe.notifications.adapters.lookout import Lookout
from mindlyfe.notifications.adapters.notices import Notices
from mindlyfe.notifications.adapters.words import Words
from mindlyfe.notifications.application.carriers import Carrier
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.inbox import Inbox
from mindlyfe.notifications.application.noticing import Arrival, Shelf
from mindlyfe.notifications.application.reading import Reading
from mindlyfe.notifications.domain.notice import Notice, Step, evolve

GRANTS: Final[Mapping[str, frozenset[Role]]] = {"inbox:read": EVERYBODY, "inbox:mark": EVERYBODY}
ERASES: Final[Mapping[str, LiteralString]] = {
    "notice": "delete from notice where recipient = %(person)s",
    "notice_count": "delete from notice_count where recipient = %(person)s",
}
MOVES: Final[Mapping[str, LiteralString]] = {
    "notice": "select exists (select from notice where recipient = %(person)s)"
}
STAYS: Final[Mapping[str, str]] = {"notice_count": "how often an inbox changed that nobody opens any more"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InApp:
    """What the context's wiring takes over."""

    notices: Notices
    carrier: Carrier[Arrival]
    module: Module

    @classmethod
    def of(cls, p: Platform, contents: Contents) -> Self:
        """Put it together."""
        notices = Notices(p.database)
        streams: Streams[Notice, Step] = Streams(
            p.database,
            p.keys,
            name="notice",
            events=Step,
            evolve=evolve,
            subject=lambda notice: notice.recipient,
            inline=(notices,),
        )
        shelf = Shelf(streams, p.clock)
        inbox = Inbox(streams, notices, p.clock)
        reading = Reading(contents, Words())
        module = Module(
            name=p.context,
            routes=[routes(inbox, notices, reading, Lookout(notices, p.clock), p.clock)],
            grants=GRANTS,
            streams=(streams,),
            hears={MemberMergedV1: inbox.member_merged},
            personal=Personal(tells=notices.tells, erases=ERASES, moves=MOVES, stays=STAYS),
        )
        return cls(notices=notices, carrier=Carrier(shelf.arrival, [provider(p, shelf)]), module=module)
