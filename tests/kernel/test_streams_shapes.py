"""Old events and kept states: lifted when they are read, ignored when they no longer fit."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from mindlyfe.kernel.messages import Act, Event, PersonId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.snapshots import Snapshots
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import Change, Moved, Reservation, Reserved, evolve, guest, move, reserve, wish


class Named(Event, frozen=True, tag="thing.named.v1"):
    name: str


class NamedInFull(Event, frozen=True, tag="thing.named.v2"):
    first: str
    last: str


class Labelled(Event, frozen=True, tag="thing.labelled.v1"):
    label: str


type Things = Labelled


def in_full(old: dict[str, Any]) -> dict[str, Any]:
    first, _, last = old["name"].partition(" ")
    return {"type": "thing.named.v2", "first": first, "last": last}


def labelled(old: dict[str, Any]) -> dict[str, Any]:
    return {"type": "thing.labelled.v1", "label": f"{old['last']}, {old['first']}"}


UPCASTS = {"thing.named.v1": in_full, "thing.named.v2": labelled}


def note(state: tuple[str, ...] | None, event: Any) -> tuple[str, ...]:
    match event:
        case Named(name=name):
            return (*(state or ()), name)
        case NamedInFull(first=first, last=last):
            return (*(state or ()), f"{first} {last}")
        case _:
            return (*(state or ()), event.label)


@pytest.mark.parametrize("person", [None, PersonId(uuid4())])
async def test_old_events_are_lifted_step_by_step(
    rooms: Database, keys: MemoryKeys, act: Act, person: PersonId | None
) -> None:
    stream = uuid4()
    options: dict[str, Any] = {"name": "thing", "evolve": note, "subject": lambda _: person}
    first: Any = Streams(rooms, keys, events=Named, **options)
    await first.decide(act, stream, lambda _: [Named(name="Ada Lovelace")])
    middle: Any = Streams(rooms, keys, events=NamedInFull, **options, upcasts={"thing.named.v1": in_full})
    await middle.decide(act, stream, lambda _: [NamedInFull(first="Kurt", last="Gödel")])
    newest: Any = Streams(rooms, keys, events=Things, **options, upcasts=UPCASTS)
    await newest.decide(act, stream, lambda _: [Labelled(label="Noether, Emmy")])
    assert await newest.load(act.tenant, stream) == (("Lovelace, Ada", "Gödel, Kurt", "Noether, Emmy"), 3)
    assert newest.codec.tags == {"thing.named.v1", "thing.named.v2", "thing.labelled.v1"}


class Wider(Reservation, frozen=True, kw_only=True):
    """The same reservation with one thing more."""

    remark: str = "none"


def widely(state: Wider | None, change: Change) -> Wider:
    after = evolve(state, change)
    return Wider(**msgspec.structs.asdict(after), remark="folded anew") if not isinstance(after, Wider) else after


class Counting:
    """Counts how many events were folded."""

    def __init__(self) -> None:
        self.folded = 0

    def __call__(self, state: Reservation | None, change: Change) -> Reservation:
        self.folded += 1
        return evolve(state, change)


def streams(rooms: Database, keys: MemoryKeys, counting: Any, snapshots: Snapshots[Any]) -> Streams[Any, Change]:
    return Streams(rooms, keys, name="reservation", events=Change, evolve=counting, subject=guest, snapshots=snapshots)


async def test_a_long_stream_is_not_folded_from_its_beginning(rooms: Database, keys: MemoryKeys, act: Act) -> None:
    counting, stream = Counting(), uuid4()
    kept = streams(rooms, keys, counting, Snapshots(Reservation, every=10))
    decided = await kept.decide(act, stream, reserve(wish()))
    for _ in range(24):
        decided = await kept.decide(act, stream, move(timedelta(hours=1)))
    async with rooms.app(act.tenant) as tx:
        [(version, data)] = await (await tx.execute("select version, data from snapshot")).fetchall()
    assert version == 20
    assert data[:1] == b"\x01"
    counting.folded = 0
    keys.cool()
    state, version = await kept.load(act.tenant, stream)
    assert state
    assert (state.moves, version, counting.folded) == (24, 25, 5)
    again = await kept.decide(act, stream, lambda _: [])
    assert again == decided


async def test_just_at_a_snapshot_the_place_in_the_log_is_known(rooms: Database, keys: MemoryKeys, act: Act) -> None:
    kept, stream = streams(rooms, keys, evolve, Snapshots(Reservation, every=2)), uuid4()
    await kept.decide(act, stream, reserve(wish()))
    decided = await kept.decide(act, stream, move(timedelta(hours=1)))
    assert await kept.decide(act, stream, lambda _: []) == decided


async def test_another_shape_or_revision_is_folded_anew(rooms: Database, keys: MemoryKeys, act: Act) -> None:
    stream = uuid4()
    kept = streams(rooms, keys, evolve, Snapshots(Reservation, every=2))
    await kept.decide(act, stream, reserve(wish()))
    await kept.decide(act, stream, move(timedelta(hours=1)))
    wider = streams(rooms, keys, widely, Snapshots(Wider, every=2))
    state, version = await wider.load(act.tenant, stream)
    assert state
    assert (state.remark, version) == ("folded anew", 2)
    counting = Counting()
    revised = streams(rooms, keys, counting, Snapshots(Reservation, every=2, revision=2))
    assert (await revised.load(act.tenant, stream))[1] == 2
    assert counting.folded == 2


async def test_one_decision_may_cross_several_snapshots(rooms: Database, keys: MemoryKeys, act: Act) -> None:
    kept, stream, first = streams(rooms, keys, evolve, Snapshots(Reservation, every=3)), uuid4(), wish()
    later: list[Change] = [Moved(starts_at=first.starts_at + timedelta(hours=n)) for n in range(10)]
    await kept.decide(act, stream, lambda _: [first, *later])
    await kept.decide(act, stream, move(timedelta(hours=1)))
    state, version = await kept.load(act.tenant, stream)
    assert state
    assert (state.moves, version) == (11, 12)
    assert isinstance(first, Reserved)
