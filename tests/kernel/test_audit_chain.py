"""The chain over the audit: complete, per tenant, and telling of every change behind our back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mindlyfe.kernel.audit import Audit, Sequencer, row_of, verify
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.messages import Act, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.stack.postgresql import Postgresql

type Edit = Callable[[LiteralString], None]


@pytest.fixture
async def rooms(own_settings: DatabaseSettings) -> AsyncIterator[Database]:
    """A context of this test alone, as the chain spans its tenants."""
    database = Database(own_settings, "rooms")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def edit(postgresql: Postgresql, own_settings: DatabaseSettings) -> Edit:
    """Does what only somebody with the superuser's password can."""

    def edited(statement: LiteralString) -> None:
        server = make_conninfo(postgresql.address(), dbname=own_settings.name, options="-c search_path=rooms")
        with psycopg.connect(server) as connection:
            connection.execute(statement)

    return edited


@pytest.fixture
async def chained(rooms: Database, act: Act) -> Database:
    """Nine reads of one tenant (positions 1 to 9), chained, and two of another."""
    audit = Audit(rooms)
    for number in range(9):
        await audit.read([row_of(act, "plan:read", subject=act.actor, object=str(number), detail={"n": number})])
    await audit.read([row_of(act.within(TenantId(uuid4())), "plan:read")] * 2)
    while await Sequencer(rooms).step():
        pass
    return rooms


async def faults(database: Database) -> set[tuple[str, int]]:
    return {(fault.kind, fault.position) for fault in (await verify(database)).faults}


async def test_what_nobody_touched_is_sound(chained: Database, act: Act) -> None:
    report = await verify(chained)
    assert report.sound
    assert (report.tenants, report.rows, report.chained, report.tail) == (2, 11, 11, 0)
    assert report.heads[act.tenant].seq == 9


async def test_rows_not_yet_chained_are_the_tail(chained: Database, act: Act) -> None:
    await Audit(chained).read([row_of(act, "plan:read")] * 3)
    report = await verify(chained)
    assert report.sound
    assert (report.rows, report.chained, report.tail) == (14, 11, 3)


async def test_a_changed_row_is_found_whatever_was_changed(chained: Database, edit: Edit) -> None:
    edit("update audit set outcome = 'refused' where position = 1")
    edit("update audit set at = at - interval '1 hour' where position = 2")
    edit("update audit set actor = gen_random_uuid() where position = 3")
    edit("update audit set subject = null where position = 4")
    edit("update audit set object = 'x' where position = 5")
    edit("update audit set action = '' where position = 6")
    edit("update audit set correlation = '' where position = 7")
    edit("update audit set client = '198.51.100.1' where position = 8")
    edit("update audit set detail = '{\"n\": 7}' where position = 9")
    assert await faults(chained) == {("changed", position) for position in range(1, 10)}


async def test_a_removed_row_is_found(chained: Database, edit: Edit) -> None:
    edit("delete from audit where position in (1, 5)")
    assert await faults(chained) == {("removed", 1), ("removed", 5)}


async def test_a_row_removed_with_its_link_is_found(chained: Database, edit: Edit) -> None:
    edit("delete from audit where position = 5")
    edit("delete from audit_chain where position = 5")
    assert {kind for kind, _ in await faults(chained)} == {"removed"}


async def test_a_row_removed_with_its_link_and_the_rest_moved_up_is_found(chained: Database, edit: Edit) -> None:
    edit("delete from audit where position = 5")
    edit("delete from audit_chain where position = 5")
    for _ in range(4):
        edit(
            "update audit_chain set seq = seq - 1 where seq = (select min(seq) from audit_chain c where seq > 4 "
            "and not exists (select from audit_chain p where p.tenant = c.tenant and p.seq = c.seq - 1))"
        )
    assert await faults(chained) == {("changed", 6)}


async def test_an_inserted_row_is_found(chained: Database, edit: Edit) -> None:
    edit("""insert into audit (position, tx, tenant, actor, action, object, outcome, correlation, client)
            overriding system value select 4000, tx, tenant, actor, 'x', '', 'done', '', ''
            from audit where position = 4""")
    assert await faults(chained) == {("inserted", 4000)}


async def test_reordered_links_are_found(chained: Database, edit: Edit) -> None:
    edit("update audit_chain set seq = -seq where position in (4, 5)")
    edit("update audit_chain set seq = 9 + seq where seq < 0")
    assert ("reordered", 4) in await faults(chained)


async def test_rows_that_changed_places_are_found(chained: Database, edit: Edit) -> None:
    edit("""update audit a set object = b.object, detail = b.detail from audit b
            where a.position + b.position = 9 and a.position in (4, 5)""")
    assert await faults(chained) == {("changed", 4), ("changed", 5)}


async def test_a_cut_end_is_found_by_a_head_kept_elsewhere(chained: Database, edit: Edit, act: Act) -> None:
    known = (await verify(chained)).heads
    edit("delete from audit where position = 9")
    edit("delete from audit_chain where position = 9")
    assert (await verify(chained)).sound
    report = await verify(chained, known)
    assert [(fault.kind, fault.tenant, fault.seq) for fault in report.faults] == [("removed", act.tenant, 9)]


async def test_nothing_is_missed_while_many_write(rooms: Database, act: Act) -> None:
    """Transactions that stay open, roll back and overtake each other."""
    sequencer = Sequencer(rooms, batch=7, idle_s=0.001)
    running = asyncio.create_task(sequencer.run())

    async def write(number: int) -> None:
        for each in range(12):
            try:
                async with rooms.app(act.tenant) as tx:
                    await tx.execute(
                        "insert into audit (actor, action, object, outcome, correlation, client)"
                        " values (%s, 'x', '', 'done', '', '')",
                        (act.actor,),
                    )
                    await asyncio.sleep(0.02 * ((number + each) % 3))
                    if (number * each) % 5 == 1:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue

    await asyncio.gather(*(write(number) for number in range(6)))
    running.cancel()
    while await sequencer.step():
        pass
    report = await verify(rooms)
    assert report.sound
    assert report.rows == report.chained > 50


async def test_two_sequencers_make_one_chain(rooms: Database, act: Act) -> None:
    audit = Audit(rooms)
    for _ in range(20):
        await audit.read([row_of(act, "plan:read")] * 5)
    done = await asyncio.gather(*(Sequencer(rooms, batch=10).step() for _ in range(4)))
    while await Sequencer(rooms).step():
        pass
    assert 10 <= sum(done) <= 40
    assert (await verify(rooms)).chained == 100


async def test_the_app_sees_no_other_tenants_chain(chained: Database, act: Act) -> None:
    async with chained.app(act.tenant) as tx:
        assert await (await tx.execute("select count(*), count(distinct tenant) from audit_chain")).fetchone() == (9, 1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with chained.worker() as tx:
            await tx.execute("delete from audit_chain")
