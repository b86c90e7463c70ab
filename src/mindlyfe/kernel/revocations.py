"""Which access tokens count no longer: pushed by identity into the memory of every process, checked on each request.

A process asks identity for what is new and is answered when there is something, or after a second. Without an answer
for two seconds a request asks at once; when that fails nobody comes in.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

import msgspec
import structlog

from mindlyfe.kernel.access import Claims, InvalidToken
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Instant, PersonId, Role, TenantId

WAIT_S: Final = 1.0
STALE_S: Final = 2.0
MUTE_S: Final = 10.0
"""Open streams bear silence so long, since closing all of them at each restart of identity would help nobody."""
RETRY_S: Final = 0.2
_TEND_EVERY_S: Final = 30.0
_BEHIND: Final = timedelta(minutes=1)
"""Kept so long after the last token ended: clocks differ."""


class SessionOver(msgspec.Struct, frozen=True, tag="session"):
    """No token of this session counts. After `until` there is none that could."""

    session: UUID
    until: Instant


class RolesNow(msgspec.Struct, frozen=True, tag="roles"):
    """What a person may do in an organisation changed: a token that says otherwise must be renewed.

    Neither clocks nor the whole seconds of a token's `iat` matter: what it says is compared with what is so.
    """

    organisation: TenantId
    person: PersonId
    roles: frozenset[Role]
    version: int
    """Grows with each change of this person there."""
    until: Instant

    def agree(self, claims: Claims) -> bool:
        """Whether a token says so; one of an app may say less."""
        return claims.roles == self.roles or (bool(claims.client_id) and claims.roles <= self.roles)


class AppOver(msgspec.Struct, frozen=True, tag="app"):
    """No token that an app holds counts, whoever it was given by. After `until` there is none that could."""

    app: UUID
    until: Instant


type Entry = SessionOver | RolesNow | AppOver


class News(msgspec.Struct, frozen=True):
    """What is new after a cursor, and where to go on."""

    cursor: str
    entries: Sequence[SessionOver | RolesNow | AppOver]


class Revocations(Protocol):
    """Tokens that count no longer. Identity answers."""

    async def since(self, *, cursor: str, wait_s: float) -> News:
        """What came after `cursor` (empty: all that still matters), at once or within `wait_s` seconds.

        With `wait_s` 0 the answer is of this moment. Any identity process knows the cursor of any other. Something may
        come twice, nothing is left out. Raises Unavailable.
        """
        ...


class Standing(Protocol):
    """What a door asks about a token that is signed and in time."""

    async def check(self, claims: Claims) -> None:
        """Raises InvalidToken when it counts no longer, Unavailable when that cannot be said."""
        ...

    def watched(self, claims: Claims, over: Callable[[], None]) -> AbstractContextManager[None]:
        """While it is entered, `over` is called once the token counts no longer."""
        ...


class RevocationMap:
    """What identity said so far, in one process. `run` keeps it fresh."""

    def __init__(
        self,
        source: Revocations,
        *,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        stale_s: float = STALE_S,
    ) -> None:
        self._source, self._clock, self._monotonic, self._sleep = source, clock, monotonic, sleep
        self._stale_s = stale_s
        self._cursor = ""
        self._sessions: dict[UUID, SessionOver] = {}
        self._roles: dict[tuple[TenantId, PersonId], RolesNow] = {}
        self._apps: dict[str, AppOver] = {}
        self._heard = self._tried = self._tended = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._open: dict[UUID | str, dict[object, tuple[Claims, Callable[[], None]]]] = {}
        """Session, person or app → those who hold a stream open."""

    @property
    def age_s(self) -> float:
        """How old the last answer is; infinite before the first."""
        return self._monotonic() - self._heard

    async def fresh(self) -> bool:
        """Whether requests need not ask."""
        return self.age_s <= self._stale_s

    async def check(self, claims: Claims) -> None:
        """Raises InvalidToken when the token counts no longer, Unavailable when that cannot be said."""
        if self.age_s > self._stale_s:
            await self._ask()
        if self._refused(claims):
            raise InvalidToken

    @contextmanager
    def watched(self, claims: Claims, over: Callable[[], None]) -> Generator[None]:
        """While it is entered, `over` is called once the token counts no longer."""
        me = object()
        keys: list[UUID | str] = [claims.sid, claims.sub, *filter(None, (claims.client_id,))]
        for key in keys:
            self._open.setdefault(key, {})[me] = (claims, over)
        try:
            if self._refused(claims):
                over()
            yield
        finally:
            for key in keys:
                del self._open[key][me]
                if not self._open[key]:
                    del self._open[key]

    async def run(self) -> None:
        """Hear of what is new as soon as it is there, until cancelled."""
        log, away = structlog.get_logger("revocations"), False
        while True:
            try:
                await self._hear(WAIT_S)
                away = False
            except Exception as silence:
                if not away:
                    log.warning("revocations not heard", exc_info=silence)
                away = True
                if self.age_s > MUTE_S:
                    self._end_all()
                await self._sleep(RETRY_S)

    async def _ask(self) -> None:
        """At once, all that wait by one question. Raises Unavailable."""
        if self._asking is None and self._monotonic() - self._tried >= RETRY_S:
            self._tried = self._monotonic()
            self._asking = asyncio.create_task(self._hear(0), name="revocations")
        if self._asking:
            asking = self._asking
            await asyncio.wait({asking})
            self._asking = None if self._asking is asking else self._asking
            if not asking.cancelled() and asking.exception() is None:
                self._tried = float("-inf")
                return
        raise Unavailable("It cannot be said at present whether this session still runs.")

    async def _hear(self, wait_s: float) -> None:
        began = self._monotonic()
        news = await self._source.since(cursor=self._cursor, wait_s=wait_s)
        self._cursor = news.cursor
        for entry in news.entries:
            self._note(entry)
        # What the answer took beyond the wait, it was on its way.
        self._heard = max(self._heard, began + min(self._monotonic() - began, wait_s))
        if began - self._tended > _TEND_EVERY_S:
            self._tended = began
            self._forget()

    def _note(self, entry: Entry) -> None:
        match entry:
            case SessionOver(session=session):
                self._sessions[session] = entry
                self._end(session)
            case AppOver(app=app):
                self._apps[str(app)] = entry
                self._end(str(app))
            case RolesNow(organisation=organisation, person=person, version=version):
                known = self._roles.get((organisation, person))
                if known is None or known.version < version:
                    self._roles[organisation, person] = entry
                    self._end(person)

    def _refused(self, claims: Claims) -> bool:
        now = self._roles.get((claims.tenant, claims.sub))
        over = claims.sid in self._sessions or claims.client_id in self._apps
        return over or (now is not None and not now.agree(claims))

    def _end(self, key: UUID | str) -> None:
        for claims, over in list(self._open.get(key, {}).values()):
            if self._refused(claims):
                over()

    def _end_all(self) -> None:
        for held in list(self._open.values()):
            for _, over in list(held.values()):
                over()

    def _forget(self) -> None:
        """What no valid token can concern any more."""
        before = self._clock() - _BEHIND
        self._sessions = {key: entry for key, entry in self._sessions.items() if entry.until > before}
        self._roles = {key: entry for key, entry in self._roles.items() if entry.until > before}
        self._apps = {key: entry for key, entry in self._apps.items() if entry.until > before}
