"""Tokens that count no longer: known at once, kept long enough, and nobody comes in while nothing can be known."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from mindlyfe.kernel.access import Claims, InvalidToken
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import PersonId, Role, TenantId
from mindlyfe.kernel.revocations import MUTE_S, AppOver, Entry, News, RevocationMap, RolesNow, SessionOver
from mindlyfe.kernel.testing.stand_ins import StandingClock

ENDS = datetime(2026, 6, 1, 6, 10, tzinfo=UTC)
CLINIC, PERSON, SESSION = TenantId(UUID(int=11)), PersonId(UUID(int=12)), UUID(int=13)


class Identity:
    """Answers like identity: a list of entries, whose length is the cursor; `away` as it does not."""

    def __init__(self) -> None:
        self.told: list[Entry] = []
        self.away = False
        self.asked: list[tuple[str, float]] = []
        self.waiting = asyncio.Event()

    async def since(self, *, cursor: str, wait_s: float) -> News:
        self.asked.append((cursor, wait_s))
        if wait_s:
            await self.waiting.wait()
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable
        return News(str(len(self.told)), self.told[int(cursor or 0) :])


class Process:
    """A map, its clocks, and identity."""

    def __init__(self) -> None:
        self.identity, self.clock, self.now = Identity(), StandingClock(), 1000.0
        self.map = RevocationMap(self.identity, clock=self.clock, monotonic=lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)

    async def admitted(self, token: Claims) -> bool:
        try:
            await self.map.check(token)
        except InvalidToken:
            return False
        return True


def token(*roles: Role, session: UUID = SESSION, client: str = "", tenant: TenantId = CLINIC) -> Claims:
    return Claims(
        iss="",
        aud="",
        sub=PERSON,
        tenant=tenant,
        region="eu",
        roles=frozenset(roles),
        sid=session,
        aal=1,
        auth_time=0,
        iat=0,
        exp=0,
        jti=uuid4(),
        client_id=client,
    )


def changed(version: int, *roles: Role) -> RolesNow:
    return RolesNow(CLINIC, PERSON, frozenset(roles), version, ENDS)


async def test_a_session_that_is_over_is_refused_and_no_other() -> None:
    process = Process()
    process.identity.told.append(SessionOver(SESSION, ENDS))
    assert not await process.admitted(token("patient"))
    assert await process.admitted(token("patient", session=uuid4()))


async def test_no_token_of_an_app_that_is_over_counts_whoever_gave_it() -> None:
    process, app = Process(), uuid4()
    process.identity.told.append(AppOver(app, ENDS))
    assert not await process.admitted(token("patient", client=str(app)))
    assert not await process.admitted(token("patient", session=uuid4(), client=str(app)))
    assert await process.admitted(token("patient", client=str(uuid4())))
    assert await process.admitted(token("patient")), "of our own pages"


async def test_roles_are_compared_so_that_no_clock_matters() -> None:
    process = Process()
    process.identity.told.append(changed(2, "therapist"))
    assert not await process.admitted(token("reception"))
    assert not await process.admitted(token("reception", "therapist"))
    assert not await process.admitted(token())
    assert await process.admitted(token("therapist")), "issued in the same second, after the change"
    assert await process.admitted(token("reception", tenant=TenantId(uuid4()))), "of another clinic"


async def test_the_newest_change_counts_in_whatever_order_they_come() -> None:
    process = Process()
    process.identity.told += [changed(4, "patient"), changed(3, "operator")]
    assert await process.admitted(token("patient"))
    assert not await process.admitted(token("operator"))


async def test_nobody_belongs_to_a_clinic_that_gave_them_no_role() -> None:
    process = Process()
    process.identity.told.append(changed(2))
    assert not await process.admitted(token("patient"))


async def test_a_token_of_an_app_may_say_less_but_not_more() -> None:
    process = Process()
    process.identity.told.append(changed(2, "patient", "therapist"))
    assert await process.admitted(token("patient", client="app"))
    assert not await process.admitted(token("patient", "operator", client="app"))


async def test_fresh_knowledge_is_not_asked_for_and_stale_knowledge_once() -> None:
    process = Process()
    for _ in range(3):
        assert await process.admitted(token("patient"))
    assert process.identity.asked == [("", 0)]
    process.now += 2.01
    await asyncio.gather(*(process.admitted(token("patient")) for _ in range(20)))
    assert process.identity.asked == [("", 0), ("0", 0)]


async def test_asvs_16_5_3_without_an_answer_nobody_comes_in_and_identity_is_not_flooded() -> None:
    process = Process()
    process.identity.away = True
    for _ in range(10):
        with pytest.raises(Unavailable):
            await process.map.check(token("patient"))
    assert len(process.identity.asked) == 1
    process.identity.away = False
    process.now += 0.2
    assert await process.admitted(token("patient"))
    process.identity.away = True
    process.now += 1.9
    assert await process.admitted(token("patient")), "two seconds of silence are borne"
    process.now += 0.2
    with pytest.raises(Unavailable):
        await process.map.check(token("patient"))


async def test_what_was_ended_during_a_silence_is_known_after_it() -> None:
    process = Process()
    assert await process.admitted(token("patient"))
    process.identity.away = True
    process.now += 60
    with pytest.raises(Unavailable):
        await process.map.check(token("patient"))
    process.identity.told.append(SessionOver(SESSION, ENDS))
    process.identity.away = False
    process.now += 1
    assert not await process.admitted(token("patient"))


async def test_a_clock_that_stands_changes_nothing_and_entries_go_when_no_token_is_left() -> None:
    process = Process()
    process.identity.told.append(SessionOver(SESSION, ENDS))
    for _ in range(5):
        process.now += 100
        assert not await process.admitted(token("patient"))
    process.clock.pass_(minutes=10, seconds=59)
    process.now += 100
    assert not await process.admitted(token("patient"))
    process.clock.pass_(seconds=2)
    process.now += 100
    await process.admitted(token("patient"))
    assert not process.map._sessions


async def test_the_loop_hears_at_once_and_goes_on_after_a_failure() -> None:
    process = Process()
    loop = asyncio.create_task(process.map.run())
    await asyncio.sleep(0)
    process.identity.told.append(SessionOver(SESSION, ENDS))
    process.identity.waiting.set()
    await asyncio.sleep(0.01)
    process.identity.away = True
    await asyncio.sleep(0.01)
    process.identity.away = False
    process.identity.told.append(changed(2, "patient"))
    await asyncio.sleep(0.01)
    asked = len(process.identity.asked)
    process.identity.waiting.clear()
    await asyncio.sleep(0.01)
    assert len(process.identity.asked) - asked <= 1, "it waits, it does not spin"
    assert not await process.admitted(token("patient"))
    assert not await process.admitted(token("operator", session=uuid4()))
    loop.cancel()
    assert await process.map.fresh()


async def _watch(process: Process, claims: Claims, entries: Sequence[Entry]) -> list[str]:
    told: list[str] = []
    with process.map.watched(claims, lambda: told.append("over")):
        process.identity.told += entries
        process.now += 3
        await process.admitted(token("patient", session=uuid4()))
    return told


async def test_whoever_holds_a_stream_open_is_told() -> None:
    assert await _watch(Process(), token("patient"), [SessionOver(SESSION, ENDS)]) == ["over"]
    app = uuid4()
    assert await _watch(Process(), token("patient", client=str(app)), [AppOver(app, ENDS)]) == ["over"]
    assert await _watch(Process(), token("patient"), [AppOver(app, ENDS)]) == []
    assert await _watch(Process(), token("patient"), [changed(2, "therapist")]) == ["over"]
    assert await _watch(Process(), token("patient"), [changed(2, "patient"), SessionOver(uuid4(), ENDS)]) == []
    process = Process()
    assert await _watch(process, token("patient"), [SessionOver(SESSION, ENDS)]) == ["over"]
    assert await _watch(process, token("patient"), []) == ["over"], "ended between the check and the watch"
    assert not process.map._open


async def test_streams_outlive_a_short_silence_and_not_a_long_one() -> None:
    process, told = Process(), list[float]()
    assert await process.admitted(token("patient"))
    began = process.now
    process.identity.away = True
    process.identity.waiting.set()
    loop = asyncio.create_task(process.map.run())
    with process.map.watched(token("patient"), lambda: told.append(process.now - began)):
        while not told:  # noqa: ASYNC110 - time passes by the loop's own sleeping
            await asyncio.sleep(0)
    loop.cancel()
    assert MUTE_S <= told[0] <= MUTE_S + timedelta(seconds=1).total_seconds()
