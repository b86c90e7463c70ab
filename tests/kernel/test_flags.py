"""Flags: per tenant, else for all, else the caller's default; fresh within seconds; never in the way."""

from uuid import uuid4

import psycopg
import pytest

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.flags import FRESH_S, Flags
from mindlyfe.kernel.messages import REGION, TenantId
from mindlyfe.kernel.postgres import Database, marked

HERE, THERE = TenantId(uuid4()), TenantId(uuid4())


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def flags(rooms: Database, clock: Clock) -> Flags:
    async with rooms.worker() as tx:
        await tx.execute("delete from flag")
    return Flags(rooms, monotonic=clock)


async def test_the_default_holds_without_a_flag(flags: Flags) -> None:
    assert await flags.on("waiting-list", HERE) is False
    assert await flags.on("waiting-list", HERE, default=True) is True
    assert await flags.text("greeting", HERE, default="Hello") == "Hello"


async def test_a_tenants_own_value_wins(flags: Flags) -> None:
    await flags.set("waiting-list", True)
    await flags.set("waiting-list", False, HERE)
    await flags.set("greeting", "Bonjour", THERE)
    assert (await flags.on("waiting-list", HERE), await flags.on("waiting-list", THERE)) == (False, True)
    assert (await flags.text("greeting", HERE), await flags.text("greeting", THERE)) == ("", "Bonjour")
    await flags.unset("waiting-list", HERE)
    assert await flags.on("waiting-list", HERE)
    await flags.unset("waiting-list")
    assert not await flags.on("waiting-list", HERE)


async def test_a_value_of_another_kind_is_no_value(flags: Flags) -> None:
    await flags.set("waiting-list", "yes")
    assert await flags.on("waiting-list", HERE) is False
    await flags.set("greeting", True)
    assert await flags.text("greeting", HERE, default="Hello") == "Hello"


async def test_changes_elsewhere_show_within_seconds(flags: Flags, rooms: Database, clock: Clock) -> None:
    assert not await flags.on("waiting-list", HERE)
    await Flags(rooms).set("waiting-list", True)
    assert not await flags.on("waiting-list", HERE)
    clock.now += FRESH_S
    assert await flags.on("waiting-list", HERE)


async def test_what_was_known_holds_while_the_database_is_away(
    flags: Flags, rooms: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flags.set("waiting-list", True)
    assert await flags.on("waiting-list", HERE)
    monkeypatch.setattr(rooms, "worker", away)
    clock.now += FRESH_S
    assert await flags.on("waiting-list", HERE)


async def test_without_a_database_the_default_holds(
    flags: Flags, rooms: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "worker", away)
    assert await flags.on("waiting-list", HERE, default=True)
    assert not await flags.on("waiting-list", HERE)


def away() -> None:
    """What a database does that does not answer."""
    raise Unavailable


@pytest.mark.parametrize("name", ["", "Waiting", "waiting list", "1st"])
async def test_names_are_plain(flags: Flags, name: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        await flags.set(name, True, REGION)


async def test_nothing_is_read_inside_a_transaction(flags: Flags) -> None:
    with marked("rooms"), pytest.raises(RuntimeError, match="transaction of rooms"):
        await flags.on("waiting-list", HERE)
