"""What becomes of a batch that the database refuses: halves, down to the one command to blame. No database here."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from mindlyfe.kernel.batch import Command, Outcome
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import Unavailable, VersionConflict
from mindlyfe.kernel.flush import ATTEMPTS, Flushes
from mindlyfe.kernel.keyring import Keyring
from mindlyfe.kernel.messages import Act, Cursor, Decided, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import Change, Plan, evolve


class Scripted:
    """Transactions that end as the script says, for each by the marks of its commands."""

    def __init__(self, *failing: tuple[str, Exception]) -> None:
        self.failing = list(failing)
        self.ran: list[str] = []

    async def run(self, tenant: TenantId, commands: Sequence[Command[Any, Any]], keyring: Keyring) -> list[Outcome]:
        marks = "".join(command.act.correlation for command in commands)
        self.ran.append(marks)
        await asyncio.sleep(0)
        for number, (mark, failure) in enumerate(self.failing):
            if mark in marks:
                if len(commands) == 1:
                    del self.failing[number]
                raise failure
        return [Decided(command.stream, 1, Cursor()) for command in commands]


@pytest.fixture
def flushes() -> Flushes[Any, Change]:
    database = Database(DatabaseSettings(), "rooms")
    streams = Streams(database, MemoryKeys(), name="reservation", events=Change, evolve=evolve, inline=(Plan(),))
    return streams._flushes


async def outcomes(flushes: Flushes[Any, Change], script: Scripted, act: Act, marks: str) -> str:
    """The first letter of what came of each command."""
    flushes._transactions = script  # type: ignore[assignment]
    answers: list[asyncio.Future[Decided]] = [asyncio.get_running_loop().create_future() for _ in marks]
    acts = [Act(tenant=act.tenant, actor=act.actor, correlation=mark) for mark in marks]
    commands: list[Command[Any, Change]] = [
        Command(one, uuid4(), lambda _: [], None, answer) for one, answer in zip(acts, answers, strict=True)
    ]
    results = await asyncio.gather(*map(flushes.run, commands), return_exceptions=True)
    return "".join(type(result).__name__[0] for result in results)


async def test_all_at_once(flushes: Flushes[Any, Change], act: Act) -> None:
    script = Scripted()
    assert await outcomes(flushes, script, act, "abcd") == "DDDD"
    assert script.ran == ["abcd"]


async def test_halves_find_the_one_to_blame(flushes: Flushes[Any, Change], act: Act) -> None:
    script = Scripted(("c", ZeroDivisionError()))
    assert await outcomes(flushes, script, act, "abcd") == "DDZD"
    assert script.ran == ["abcd", "ab", "cd", "c", "d"]


async def test_who_was_saved_is_told_so_when_the_database_goes_away(flushes: Flushes[Any, Change], act: Act) -> None:
    script = Scripted(("bc", psycopg.errors.ExclusionViolation()), ("c", Unavailable("away")))
    assert await outcomes(flushes, script, act, "abcd") == "DDUU"
    assert script.ran == ["abcd", "ab", "cd"]


async def test_a_clash_is_decided_again(flushes: Flushes[Any, Change], act: Act) -> None:
    clash = psycopg.errors.SerializationFailure()
    script = Scripted(("b", clash), ("b", clash))
    assert await outcomes(flushes, script, act, "ab") == "DD"
    assert script.ran == ["ab", "a", "b", "b", "b"]


async def test_clashes_without_end_are_a_conflict(flushes: Flushes[Any, Change], act: Act) -> None:
    script = Scripted(*[("b", psycopg.errors.DeadlockDetected())] * 50)
    assert await outcomes(flushes, script, act, "b") == "V"
    assert len(script.ran) == ATTEMPTS + 1
    assert issubclass(VersionConflict, Exception)
