"""Bulk work commits often, so that readers of the log are never held back for long."""

import asyncio
from functools import partial
from typing import Final, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mindlyfe.kernel.bulk import bulk
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Act, Cursor
from mindlyfe.kernel.postgres import Database, Tx, address
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import appointments, filled

MARK: Final[LiteralString] = "insert into inbox (consumer, message) values ('bulk', %s)"


async def mark(tx: Tx, number: int) -> None:
    """Something slow that writes."""
    await tx.execute(MARK, (str(uuid4()),))
    await asyncio.sleep(0.02)


async def marked(teller: Database, act: Act) -> int:
    """How many were committed."""
    async with teller.app(act.tenant) as tx:
        row = await (await tx.execute("select count(*) from inbox where consumer = 'bulk'")).fetchone()
    return row[0] if row else 0


async def test_all_of_it_is_done(teller: Database, act: Act) -> None:
    assert await bulk(partial(teller.app, act.tenant), range(30), mark, commit_every_s=0.1) == 30
    assert await marked(teller, act) == 30


async def test_nothing_to_do_opens_no_transaction() -> None:
    def refuse() -> psycopg.AsyncConnection:
        raise AssertionError

    assert await bulk(refuse, [], mark) == 0


async def test_what_was_committed_stays_when_a_later_item_fails(teller: Database, act: Act) -> None:
    async def work(tx: Tx, number: int) -> None:
        if number == 20:
            raise ValueError
        await mark(tx, number)

    with pytest.raises(ValueError):
        await bulk(partial(teller.app, act.tenant), range(30), work, commit_every_s=0.1)
    assert 0 < await marked(teller, act) <= 20


async def test_readers_are_not_held_back_while_it_runs(teller: Database, act: Act) -> None:
    log = Log(teller, MemoryKeys(), [appointments(teller, MemoryKeys())])
    working = asyncio.create_task(bulk(partial(teller.app, act.tenant), range(150), mark))
    read, at, rounds = 0, Cursor(), 0
    while not working.done():
        await filled(teller, 1)
        rounds += 1
        batch = await log.read(at)
        read, at = read + len(batch.recorded), batch.upto
        await asyncio.sleep(0.1)
    # In one transaction nothing of this would have been readable before the end.
    assert read > rounds / 2
    assert await working == 150


async def test_a_transaction_that_is_held_open_is_ended(
    teller: Database, act: Act, telling_settings: DatabaseSettings
) -> None:
    # The role's own limit, only shorter.
    impatient = make_conninfo(address(telling_settings, "teller_app"), options="-c transaction_timeout=200ms")
    connection = await psycopg.AsyncConnection.connect(impatient)
    await connection.execute("select set_config('app.tenant', %s, false)", (str(act.tenant),))
    await connection.execute(MARK, (str(uuid4()),))
    await asyncio.sleep(0.5)
    with pytest.raises(psycopg.Error):
        await connection.execute("select 1")
    await connection.close()
    assert await marked(teller, act) == 0


async def test_the_app_role_has_a_time_limit(teller: Database, act: Act) -> None:
    async with teller.app(act.tenant) as tx:
        row = await (await tx.execute("select current_setting('transaction_timeout')")).fetchone()
    assert row == ("5s",)
