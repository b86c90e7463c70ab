"""The audit of reads and refusals: durable before the answer, together when many come at once, or no answer."""

import asyncio
from pathlib import Path
from typing import Final, LiteralString
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from mindlyfe.kernel.audit import Audit, AuditRow, row_of
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.postgres import Database, marked
from mindlyfe.stack.postgresql import Postgresql


@pytest.fixture
def administrator(postgresql: Postgresql, rooms_settings: DatabaseSettings) -> str:
    return make_conninfo(postgresql.address(), dbname=rooms_settings.name, options="-c search_path=rooms")


ROWS: Final[LiteralString] = "select *, tx::text as transaction from audit where tenant = any(%s) order by position"


def stored(administrator: str, *tenants: TenantId) -> list[dict[str, object]]:
    with psycopg.connect(administrator) as connection, connection.cursor(row_factory=dict_row) as rows:
        return rows.execute(ROWS, (list(tenants),)).fetchall()


async def test_a_row_says_who_did_what_to_whose_data(rooms: Database, act: Act, administrator: str) -> None:
    whose, thing = PersonId(uuid4()), str(uuid4())
    row = row_of(act, "plan:read", subject=whose, object=thing, detail={"found": 3})
    await Audit(rooms).read([row])
    (found,) = stored(administrator, act.tenant)
    expected = msgspec.structs.asdict(row)
    assert {name: found[name] for name in expected} == expected
    assert (found["actor"], found["client"], found["outcome"]) == (act.actor, act.client, "done")


async def test_rows_of_one_moment_share_a_transaction(rooms: Database, act: Act, administrator: str) -> None:
    audit = Audit(rooms, window_s=0.05)
    await asyncio.gather(*(audit.read([row_of(act, f"read {n}"), row_of(act, f"more {n}")]) for n in range(30)))
    rows = stored(administrator, act.tenant)
    assert len({row["transaction"] for row in rows}) <= 2
    assert [row["action"] for row in rows] == [text for n in range(30) for text in (f"read {n}", f"more {n}")]


async def test_rows_of_many_tenants_keep_their_tenants(rooms: Database, act: Act, administrator: str) -> None:
    audit = Audit(rooms)
    acts = [act.within(TenantId(uuid4())) for _ in range(20)]
    await asyncio.gather(*(audit.read([row_of(each, str(each.tenant))]) for each in acts))
    rows = stored(administrator, *(each.tenant for each in acts))
    assert len(rows) == 20
    assert all(str(row["tenant"]) == row["action"] for row in rows)


async def test_a_row_is_written_whatever_a_request_names(rooms: Database, act: Act, administrator: str) -> None:
    await Audit(rooms).read([row_of(act, "plan:read", object="a\0b\ud800c"), row_of(act, "x", object="y" * 9000)])
    first, second = stored(administrator, act.tenant)
    assert first["object"] == "a\ufffdb?c"
    assert second["object"] == "y" * 500


async def test_a_caller_that_leaves_leaves_its_row(rooms: Database, act: Act, administrator: str) -> None:
    audit = Audit(rooms)
    leaving = asyncio.create_task(audit.read([row_of(act, "left")]))
    await asyncio.sleep(0)
    leaving.cancel()
    await audit.read([row_of(act, "stayed")])
    assert {row["action"] for row in stored(administrator, act.tenant)} == {"left", "stayed"}


async def test_no_rows_need_no_database(tmp_path: Path) -> None:
    await Audit(Database(DatabaseSettings(passwords=tmp_path), "rooms")).read([])


async def test_without_the_audit_there_is_no_answer(rooms: Database, act: Act, administrator: str) -> None:
    with psycopg.connect(administrator) as connection:
        connection.execute("alter table audit rename to elsewhere")
    audit = Audit(rooms)
    results = await asyncio.gather(*(audit.read([row_of(act, "plan:read")]) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3
    with psycopg.connect(administrator) as connection:
        connection.execute("alter table elsewhere rename to audit")
    await audit.read([row_of(act, "plan:read")])


async def test_it_is_not_written_inside_another_transaction(rooms: Database, act: Act) -> None:
    with marked("rooms"), pytest.raises(RuntimeError, match="transaction of rooms"):
        await Audit(rooms).read([row_of(act, "plan:read")])


async def test_the_app_cannot_change_what_was_written(rooms: Database, act: Act) -> None:
    await Audit(rooms).read([row_of(act, "plan:read")])
    for statement in ("update audit set outcome = 'x'", "delete from audit", "truncate audit"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with rooms.app(act.tenant) as tx:
                await tx.execute(statement)


def test_a_row_has_no_room_for_content() -> None:
    assert set(AuditRow.__struct_fields__) == {
        *("tenant", "actor", "action", "subject", "object", "outcome", "correlation", "client", "detail")
    }
