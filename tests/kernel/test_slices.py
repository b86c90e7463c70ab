"""A context out of slices: each slice adds its own, and what both hear or hold is done by both, in order."""

from typing import Any
from uuid import UUID

import pytest

from mindlyfe.kernel.messages import Event, PersonId, TenantId
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.retained import Retained
from mindlyfe.kernel.slices import in_turn, joined

HERE, PAT = TenantId(UUID(int=1)), PersonId(UUID(int=2))


class Moved(Event, frozen=True, tag="slices.moved.v1"):
    """Both hear it."""


class Left(Event, frozen=True, tag="slices.left.v1"):
    """One of them hears it."""


class Slice:
    """Writes down what it is asked."""

    def __init__(self, name: str, told: list[str], *, out: bool = True) -> None:
        self.name, self.told, self.out = name, told, out

    async def hear(self, _: Any) -> None:
        self.told.append(f"{self.name} hears")

    async def tells(self, *_: Any) -> list[Entry]:
        return [Entry(topic="profile", values={"of": self.name})]

    async def retains(self, *_: Any) -> list[Retained]:
        return [Retained(records="clinical", count=len(self.name), latest=None)]  # type: ignore[arg-type] # any will do

    async def takes_leave(self, *_: Any) -> bool:
        self.told.append(f"{self.name} takes leave")
        return self.out

    def module(self, *events: type[Event]) -> Module:
        personal = Personal(
            tells=self.tells,
            retains=self.retains,
            takes_leave=self.takes_leave,
            erases={self.name: "delete"},
            stays={self.name: "for a reason"},
        )
        return Module(
            name="rooms",
            grants={f"{self.name}:read": frozenset({"patient"})},
            hears=dict.fromkeys(events, self.hear),
            personal=personal,
        )


async def test_what_both_hear_is_heard_by_both_in_order() -> None:
    told: list[str] = []
    module = joined(Slice("a", told).module(Moved), Slice("b", told).module(Moved, Left))
    await module.hears[Moved](None)  # type: ignore[arg-type] # what is told does not matter here
    await module.hears[Left](None)  # type: ignore[arg-type] # as above
    assert told == ["a hears", "b hears", "b hears"]


async def test_a_reaction_that_fails_keeps_those_after_it_back() -> None:
    told: list[str] = []

    async def fails(_: Any) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await in_turn(Slice("a", told).hear, fails, Slice("b", told).hear)(None)  # type: ignore[arg-type] # as above
    assert told == ["a hears"]


@pytest.mark.parametrize(("out", "asked"), [(True, ["a", "b"]), (False, ["a"])])
async def test_all_that_slices_hold_of_a_person_is_told_kept_and_erased(*, out: bool, asked: list[str]) -> None:
    told: list[str] = []
    module = joined(Slice("a", told, out=out).module(), Slice("bb", told).module())
    personal = module.personal
    assert [entry.values["of"] for entry in await personal.tells(HERE, PAT)] == ["a", "bb"]
    assert [one.count for one in await personal.retains(HERE, PAT)] == [1, 2]
    assert (list(personal.erases), list(personal.stays)) == (["a", "bb"], ["a", "bb"])
    assert await personal.takes_leave(HERE, PAT) is out
    assert [one[0] for one in told] == asked
    assert module.grants.keys() == {"a:read", "bb:read"}
