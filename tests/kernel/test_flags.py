"""Flags: per tenant, else for all, else the declared default; fresh within seconds; never in the way."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from mindlyfe.kernel.declared import Flag
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.flags import FRESH_S, Flags, Kept
from mindlyfe.kernel.messages import REGION, TenantId
from mindlyfe.kernel.postgres import Database, marked
from mindlyfe.kernel.testing.principals import act

LIST = Flag("waiting-list", "Keeps a waiting list for rooms.", default=False)
BREAKFAST = Flag("breakfast", "Offers breakfast to all guests.", default=True)
GREETING = Flag("greeting", "Greets guests in these words.", default="Hello")
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
    assert await flags.on(LIST, HERE) is False
    assert await flags.on(BREAKFAST, HERE) is True
    assert await flags.text(GREETING, HERE) == "Hello"
    assert await flags.kept(HERE) == {}


async def test_a_tenants_own_value_wins(flags: Flags) -> None:
    await flags.set(LIST, True, act(REGION))
    await flags.set(LIST, False, act(HERE))
    await flags.set(GREETING, "Bonjour", act(THERE))
    assert (await flags.on(LIST, HERE), await flags.on(LIST, THERE)) == (False, True)
    assert (await flags.text(GREETING, HERE), await flags.text(GREETING, THERE)) == ("Hello", "Bonjour")
    assert await flags.kept(HERE) == {"waiting-list": Kept(own=False, for_all=True)}
    await flags.unset(LIST, act(HERE))
    assert await flags.on(LIST, HERE)
    await flags.unset(LIST, act(REGION))
    assert not await flags.on(LIST, HERE)
    assert await flags.kept(THERE) == {"greeting": Kept(own="Bonjour")}


async def test_a_value_of_another_kind_is_no_value(flags: Flags) -> None:
    as_text: Any = Flag("waiting-list", "Was a text once, before it was a yes.", default="")
    await flags.set(as_text, "yes", act(HERE))
    assert await flags.on(LIST, HERE) is False
    await flags.set(LIST, True, act(REGION))
    assert await flags.on(LIST, HERE) is True
    assert await flags.text(as_text, THERE) == ""


async def test_who_changed_what_is_audited_with_the_change(flags: Flags, rooms: Database) -> None:
    once = act(HERE)
    await flags.set(LIST, True, once)
    await flags.set(LIST, True, once)
    await flags.set(GREETING, "Dear Amina", once)
    await flags.unset(LIST, once)
    await flags.unset(LIST, once)
    async with rooms.app(HERE) as tx:
        found = await tx.execute("select action, object, detail, outcome from audit where actor = %s", (once.actor,))
        assert await found.fetchall() == [
            ("flags.set", "rooms/waiting-list", {"value": True}, "done"),
            ("flags.set", "rooms/greeting", {"value": "a text"}, "done"),
            ("flags.unset", "rooms/waiting-list", {}, "done"),
        ]


async def test_changes_elsewhere_show_within_seconds(flags: Flags, rooms: Database, clock: Clock) -> None:
    assert not await flags.on(LIST, HERE)
    await Flags(rooms).set(LIST, True, act(REGION))
    assert not await flags.on(LIST, HERE)
    clock.now += FRESH_S
    assert await flags.on(LIST, HERE)


async def test_what_was_known_holds_while_the_database_is_away(
    flags: Flags, rooms: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flags.set(LIST, True, act(REGION))
    assert await flags.on(LIST, HERE)
    monkeypatch.setattr(rooms, "worker", away)
    clock.now += FRESH_S
    assert await flags.on(LIST, HERE)


async def test_without_a_database_the_default_holds(
    flags: Flags, rooms: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "worker", away)
    assert await flags.on(BREAKFAST, HERE)
    assert not await flags.on(LIST, HERE)


def away() -> None:
    """What a database does that does not answer."""
    raise Unavailable


@pytest.mark.parametrize("name", ["", "Waiting", "waiting list", "1st"])
async def test_the_table_takes_plain_names_alone(rooms: Database, name: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        async with rooms.worker() as tx:
            await tx.execute("insert into flag (tenant, name, value) values (%s, %s, 'true')", (HERE, name))


async def test_nothing_is_read_inside_a_transaction(flags: Flags) -> None:
    with marked("rooms"), pytest.raises(RuntimeError, match="transaction of rooms"):
        await flags.on(LIST, HERE)
