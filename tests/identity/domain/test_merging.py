"""The worker of merges on streams in memory: killed after any of its effects it comes to the same end."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from mindlyfe.identity.application.acts import care_stream, member_stream, merge_stream
from mindlyfe.identity.application.merging import Merging
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import CareView
from mindlyfe.identity.domain import account, care, member, merge
from mindlyfe.identity.domain.merge import SETTLES, Approved, Proposed, Told
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.testing.stand_ins import StandingClock

NOW: Final = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAY: Final = timedelta(days=1)


def known(word: str) -> UUID:
    return uuid5(UUID(int=0), word)


CLINIC, ELSEWHERE = TenantId(known("clinic")), TenantId(known("elsewhere"))
OLD, NEW, ADMIN, OFFICER, RUIZ, SATO = (PersonId(known(one)) for one in ("old", "new", "ada", "omar", "ruiz", "sato"))
MERGE: Final = known("merge")
CONTEXTS: Final = ("identity", "therapy", "notifications")


class Killed(BaseException):
    """kill -9."""


@dataclass
class Life:
    """So many effects, then the end: the last effect has happened, and nobody could note it."""

    left: int = 10_000

    def spend(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


@dataclass
class Memory:
    """The streams of one kind, as the kernel decides on them."""

    evolve: Callable[[Any, Any], Any]
    life: Life
    events: dict[UUID, list[Any]] = field(default_factory=dict[UUID, list[Any]])

    def state(self, stream: UUID) -> Any:
        state = None
        for event in self.events.get(stream, ()):
            state = self.evolve(state, event)
        return state

    async def load(self, tenant: TenantId, stream: UUID) -> tuple[Any, int]:
        return self.state(stream), len(self.events.get(stream, ()))

    async def decide(self, act: Act, stream: UUID, decision: Callable[[Any], Sequence[Any]]) -> None:
        new = list(decision(self.state(stream)))
        self.events.setdefault(stream, []).extend(new)
        if new:
            self.life.spend()


class World:
    """A clinic, two accounts of one patient, and contexts that follow what they are told, late or at once."""

    def __init__(self, cares: Sequence[care.Started], lag: dict[str, int]) -> None:
        self.life, self.clock, self.lag = Life(), StandingClock(NOW), dict(lag)
        kinds = {"members": member, "accounts": account, "care": care, "merges": merge}
        self.kinds = {name: Memory(kind.evolve, self.life) for name, kind in kinds.items()}
        joined = [
            member.Joined(person=one, name="A", roles=frozenset({"patient"}), zone="UTC", locale="en", at=NOW)
            for one in (OLD, NEW)
        ]
        for one in joined:
            self.kinds["members"].events[member_stream(CLINIC, one.person)] = [one]
        opened = account.Opened(person=OLD, email="a@mail.example", password="x", organisation=CLINIC)
        self.kinds["accounts"].events[OLD] = [opened, account.Admitted(organisation=ELSEWHERE)]
        for begun in cares:
            self.kinds["care"].events[care_stream(CLINIC, begun.care)] = [begun]
        proposed = Proposed(
            merge=MERGE,
            duplicate=OLD,
            survivor=NEW,
            why="registered-twice",
            acknowledged=frozenset(),
            contexts=CONTEXTS,
            by=ADMIN,
            at=NOW,
        )
        self.stream = merge_stream(CLINIC, MERGE)
        self.kinds["merges"].events[self.stream] = [proposed, Approved(by=OFFICER, at=NOW)]
        self.sessions = {OLD, NEW}

    def cares(self) -> list[care.Care]:
        streams = self.kinds["care"].events
        return [self.kinds["care"].state(one) for one in streams]

    async def due(self, now: datetime) -> list[tuple[TenantId, UUID]]:
        over = self.kinds["merges"].state(self.stream).status == "completed"
        return [] if over else [(CLINIC, self.stream)]

    async def running(self, tenant: TenantId, person: PersonId) -> list[CareView]:
        now = self.clock()
        return [
            CareView(one.care, one.patient, one.clinician, one.since, one.until, 1)
            for one in self.cares()
            if person in {one.patient, one.clinician} and (one.until is None or one.until > now)
        ]

    async def end(self, act: Act, person: PersonId, *, organisation: TenantId) -> None:
        self.sessions.discard(person)
        self.life.spend()

    def told(self) -> int:
        return sum(isinstance(one, Told) for one in self.kinds["merges"].events[self.stream])

    def worker(self) -> Merging:
        return Merging(
            streams=cast("IdentityStreams", self.as_streams()),
            merges=self,
            caseloads=self,
            sources={name: cast("Any", Context(name, self)) for name in CONTEXTS},
            endings=cast("Any", self),
            clock=self.clock,
            bell=asyncio.Event(),
        )

    def as_streams(self) -> Any:
        return type("Streams", (), self.kinds)

    def end_state(self) -> tuple[Any, ...]:
        """All but how often who was told."""
        done: merge.Merge = self.kinds["merges"].state(self.stream)
        treated = sorted((str(one.patient), str(one.clinician), one.since, str(one.until)) for one in self.cares())
        members = [self.kinds["members"].events[member_stream(CLINIC, one)] for one in (OLD, NEW)]
        kept = [[msg for msg in one if not isinstance(msg, member.Left)] for one in members]
        into = self.kinds["members"].state(member_stream(CLINIC, OLD)).merged_into
        belongs = self.kinds["accounts"].state(OLD).organisations
        return done.status, sorted(done.confirmed), treated, kept, into, belongs, self.sessions


@dataclass
class Context:
    """Follows when it has been told so many times."""

    name: str
    world: World

    async def moved(self, *, tenant: TenantId, person: PersonId) -> bool:
        assert (tenant, person) == (CLINIC, OLD)
        assert OLD not in self.world.sessions, "asked while the duplicate could still write"
        return self.world.told() > self.world.lag.get(self.name, 0)


async def finished(world: World, kills: Sequence[int]) -> World:
    for effects in kills:
        world.life.left = effects
        with contextlib.suppress(Killed):
            await world.worker().turn()
        world.life.left = 10_000
        world.clock.pass_(seconds=1)
    for _ in range(12):
        await world.worker().turn()
        world.clock.pass_(seconds=SETTLES.total_seconds() / 3)
    return world


def begun(name: str, patient: PersonId, clinician: PersonId, since: int, until: int | None) -> care.Started:
    return care.Started(
        care=known(name),
        patient=patient,
        clinician=clinician,
        since=NOW + since * DAY,
        until=None if until is None else NOW + until * DAY,
    )


def relations() -> st.SearchStrategy[list[care.Started]]:
    """Of the duplicate any, of the survivor one with the same clinician at most: past, running, agreed for later."""
    days = st.tuples(st.integers(-5, 5), st.none() | st.integers(1, 5)).map(
        lambda one: (one[0], None if one[1] is None else one[0] + one[1])
    )
    pairs = st.tuples(st.sampled_from([RUIZ, SATO]), st.sampled_from([OLD, NEW]))
    return st.dictionaries(pairs, days, max_size=4).map(
        lambda found: [begun(f"{pair}", pair[1], pair[0], *span) for pair, span in sorted(found.items())]
    )


@settings(max_examples=150, deadline=None)
@given(
    cares=relations(),
    kills=st.lists(st.integers(1, 12), max_size=8),
    lag=st.dictionaries(st.sampled_from(CONTEXTS), st.integers(0, 2), max_size=2),
)
def test_killed_anywhere_and_begun_again_it_comes_to_the_same_end(
    cares: list[care.Started], kills: list[int], lag: dict[str, int]
) -> None:
    undisturbed = asyncio.run(finished(World(cares, {}), ()))
    world = asyncio.run(finished(World(cares, lag), kills))
    assert world.end_state() == undisturbed.end_state()
    assert world.end_state()[0] == "completed"
    assert world.kinds["members"].state(member_stream(CLINIC, NEW)).standing == "active"
    assert world.kinds["accounts"].state(OLD).organisations == (ELSEWHERE,)


@given(cares=relations(), kills=st.lists(st.integers(1, 12), max_size=5))
def test_whoever_treated_one_of_the_two_treats_the_survivor_as_long_and_nobody_the_duplicate(
    cares: list[care.Started], kills: list[int]
) -> None:
    world = asyncio.run(finished(World(cares, {}), kills))
    for clinician in (RUIZ, SATO):
        for day in range(12):
            at = NOW + day * DAY + timedelta(hours=1)
            before = [one for one in cares if one.clinician == clinician and _runs(one.since, one.until, at)]
            after = [
                one.patient for one in world.cares() if one.clinician == clinician and _runs(one.since, one.until, at)
            ]
            assert after == ([NEW] if before else []), (clinician, day)


def _runs(since: datetime, until: datetime | None, at: datetime) -> bool:
    return since <= at and (until is None or at < until)


async def test_a_context_that_finds_something_late_is_told_again_before_the_end() -> None:
    """A request that was under way when the duplicate was signed out has written after everybody confirmed."""
    world = World([], {})
    await world.worker().turn()
    assert world.kinds["merges"].state(world.stream).awaited == ()
    world.lag["therapy"] = 1
    world.clock.pass_(seconds=SETTLES.total_seconds())
    await world.worker().turn()
    state: merge.Merge = world.kinds["merges"].state(world.stream)
    assert (state.status, world.told()) == ("running", 2)
    await world.worker().turn()
    assert world.kinds["merges"].state(world.stream).status == "completed"
