"""The inbox in the app: a member's own notices, what they do with them, and a stream of what is new."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.response import ServerSentEventMessage

from mindlyfe.kernel import paging
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Malformed, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import get, post, sse
from mindlyfe.kernel.messages import Act, Instant, Principal
from mindlyfe.notifications.adapters.lookout import Lookout
from mindlyfe.notifications.adapters.notices import Notices
from mindlyfe.notifications.application.inbox import Inbox
from mindlyfe.notifications.application.reading import Reading
from mindlyfe.notifications.contract.inbox import (
    InboxNews,
    InboxPage,
    NoticeId,
    NoticeMarked,
    NoticeView,
    ReadMany,
    ReadUpTo,
    Shelf,
    Snooze,
    WrongSnooze,
)

Limit = Annotated[int, msgspec.Meta(ge=1, le=100, description="Length of a page.")]
Show = Annotated[Shelf, msgspec.Meta(description="Which notices; `inbox`: all that are neither archived nor snoozed.")]


def routes(inbox: Inbox, notices: Notices, reading: Reading, lookout: Lookout, clock: Clock) -> Router:
    """`/v1/inbox`."""
    handlers = [*_looks(notices, reading, clock), *_marks(inbox), _many(inbox), _stream(lookout)]
    return Router("/v1/inbox", route_handlers=handlers, tags=["Inbox"])


def _looks(notices: Notices, reading: Reading, clock: Clock) -> list[HTTPRouteHandler]:
    @get("/", needs="inbox:read", clinical=True, refuses=(Malformed, NotFound, Unavailable))
    async def list_notices(
        who: Principal, *, show: Show = "inbox", cursor: str | None = None, limit: Limit = 30
    ) -> InboxPage:
        """The caller's own notices, the newest first, in their language; what was snoozed stands where it came back."""
        key, now = paging.after(cursor, tuple[Instant, UUID]), clock()
        found = await notices.of(who.tenant, who.id, show, now=now, after=key, limit=limit + 1)
        more = paging.cursor(found[limit - 1].stands_at, found[limit - 1].id) if len(found) > limit else None
        items = await reading.shown(found[:limit], who)
        return InboxPage(items=items, next=more, unread=await notices.unread(who.tenant, who.id, now))

    @get("/{notice:uuid}", needs="inbox:read", clinical=True, refuses=(NotFound, Unavailable))
    async def show_notice(notice: UUID, who: Principal) -> NoticeView:
        """One of the caller's own notices. Looking at it does not mark it."""
        row = await notices.one(who.tenant, who.id, NoticeId(notice), clock())
        [shown] = await reading.shown([row], who)
        return shown

    return [list_notices, show_notice]


def _marks(inbox: Inbox) -> list[HTTPRouteHandler]:
    marking: dict[str, Any] = {"needs": "inbox:mark", "clinical": True, "status_code": 200}

    @post("/{notice:uuid}/read", refuses=(NotFound, VersionConflict), **marking)
    async def read(notice: UUID, who: Principal, act: Act, expected: int | None) -> NoticeMarked:
        """The notice was read; one that was archived or snoozed is in the inbox again."""
        return await inbox.read(NoticeId(notice), who, act, expected)

    @post("/{notice:uuid}/unread", refuses=(NotFound, VersionConflict), **marking)
    async def mark_unread(notice: UUID, who: Principal, act: Act, expected: int | None) -> NoticeMarked:
        """The notice counts as if it had not been read."""
        return await inbox.mark_unread(NoticeId(notice), who, act, expected)

    @post("/{notice:uuid}/archive", refuses=(NotFound, VersionConflict), **marking)
    async def archive(notice: UUID, who: Principal, act: Act, expected: int | None) -> NoticeMarked:
        """Put the notice away for good; it is found among the archived ones."""
        return await inbox.archive(NoticeId(notice), who, act, expected)

    @post("/{notice:uuid}/snooze", refuses=(NotFound, WrongSnooze, VersionConflict), **marking)
    async def snooze(notice: UUID, data: Snooze, who: Principal, act: Act, expected: int | None) -> NoticeMarked:
        """Put the notice away until a moment within a year; then it is unread again, on top."""
        return await inbox.snooze(NoticeId(notice), data.until, who, act, expected)

    return [read, mark_unread, archive, snooze]


def _many(inbox: Inbox) -> HTTPRouteHandler:
    @post("/read", needs="inbox:mark", clinical=True, status_code=200)
    async def read_up_to(data: ReadUpTo, who: Principal, act: Act) -> ReadMany:
        """Mark as read what is unread and stood there by a moment, up to 500 at once: what came later stays unread."""
        return await inbox.read_up_to(data.up_to, who, act)

    return read_up_to


def _stream(lookout: Lookout) -> HTTPRouteHandler:
    @sse("/stream", needs="inbox:read", clinical=True)
    async def follow_inbox(who: Principal, request: Request[Any, Any, Any]) -> AsyncIterator[InboxNews]:
        """How many notices are unread, at once and within a second of each change, with the ids of those that came.

        Whoever connects again with `Last-Event-ID`, as browsers do, is told what came meanwhile. The stream ends with
        the access token, and with the session.
        """
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None
        async for place, news in lookout.news((who.tenant, who.id), after):
            yield ServerSentEventMessage(data=msgspec.json.encode(news).decode(), id=str(place))  # type: ignore[misc] # with its id

    return follow_inbox
