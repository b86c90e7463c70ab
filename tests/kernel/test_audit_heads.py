"""Signed heads of the audit: each way to tamper with the chain, with the heads, or with both is found."""

from collections.abc import AsyncIterator, Callable
from typing import LiteralString
from uuid import uuid4

import msgspec
import obstore
import psycopg
import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from psycopg.conninfo import make_conninfo

from mindlyfe.kernel.attest import Attestor, Forged
from mindlyfe.kernel.audit import Audit, Sequencer, row_of, verify
from mindlyfe.kernel.audit_heads import PURPOSE, Heads, SignedHead, newest, place
from mindlyfe.kernel.audit_heads_verify import Held
from mindlyfe.kernel.audit_verify import Report
from mindlyfe.kernel.config import DatabaseSettings, ObjectSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Act, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.stand_ins import StandingClock
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.stack.seaweedfs import ACCESS_KEY, Seaweedfs

type Edit = Callable[[LiteralString], None]


class Scene:
    """A context with six reads of one clinic, chained; the head at 4 and the one at 6 are signed."""

    def __init__(self, database: Database, objects: Objects, keys: MemoryKeys, act: Act) -> None:
        self.database, self.objects, self.act = database, objects, act
        self.attestor = Attestor(keys, PURPOSE)
        self.heads = Heads(database, objects, self.attestor, StandingClock())

    async def read(self, times: int) -> None:
        audit = Audit(self.database)
        for number in range(times):
            await audit.read([row_of(self.act, "plan:read", subject=self.act.actor, object=str(number))])
        while await Sequencer(self.database).step():
            pass

    async def report(self, kept: tuple[str, ...] = (), *, outside: bool = True) -> Report:
        held = Held(self.database, self.objects if outside else None, self.attestor, await verify(self.database))
        return await held.against(kept)

    async def faults(self, kept: tuple[str, ...] = ()) -> set[tuple[str, int | None]]:
        return {(fault.kind, fault.seq) for fault in (await self.report(kept)).faults}


@pytest.fixture
async def scene(
    own_settings: DatabaseSettings, seaweedfs: Seaweedfs, keys: MemoryKeys, act: Act
) -> AsyncIterator[Scene]:
    database = Database(own_settings, "rooms")
    await database.open()
    settings = ObjectSettings(
        endpoint=seaweedfs.endpoint,
        bucket=f"heads-{uuid4().hex[:8]}",
        access_key=ACCESS_KEY,
        secret_key_file=seaweedfs.secret_key,
    )
    objects = Objects(settings, "rooms")
    await objects.make_bucket()
    scene = Scene(database, objects, keys, act)
    for times in (4, 2):
        await scene.read(times)
        assert await scene.heads.step() == 1
    yield scene
    await database.close()


@pytest.fixture
def edit(postgresql: Postgresql, own_settings: DatabaseSettings) -> Edit:
    """Does what only somebody with the superuser's password can."""

    def edited(statement: LiteralString) -> None:
        server = make_conninfo(postgresql.address(), dbname=own_settings.name, options="-c search_path=rooms")
        with psycopg.connect(server) as connection:
            connection.execute(statement)

    return edited


async def test_asvs_16_4_2_what_nobody_touched_is_sound_and_signed_twice(scene: Scene) -> None:
    report = await scene.report()
    assert report.sound
    assert (report.chained, report.signed, report.outside, report.missing) == (6, 2, 2, 0)
    assert await scene.heads.step() == 0


async def test_a_head_is_verified_without_us_by_the_public_key(scene: Scene) -> None:
    [signed] = await newest(scene.database)
    found = jws.deserialize_compact(signed, ECKey.import_key(scene.attestor.public()), algorithms=["ES256"])
    head = msgspec.json.decode(found.payload or b"", type=SignedHead)
    assert (head.context, head.tenant, head.seq) == ("rooms", scene.act.tenant, 6)
    assert "d" not in scene.attestor.public()
    with pytest.raises(Forged):
        Attestor(MemoryKeys(), PURPOSE).opened(signed)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update audit set object = 'x' where position = 3", ("changed", 3)),
        ("delete from audit where position = 3", ("removed", 3)),
        ("update audit_chain set seq = case seq when 2 then 3 else 2 end where seq in (2, 3)", ("reordered", 3)),
    ],
)
async def test_asvs_16_4_2_a_changed_removed_or_reordered_row_is_found(
    scene: Scene, edit: Edit, statement: LiteralString, fault: tuple[str, int]
) -> None:
    if "seq" in statement:
        edit("alter table audit_chain drop constraint audit_chain_pkey")
    edit(statement)
    assert fault in await scene.faults()


async def test_asvs_16_4_2_an_inserted_row_is_found(scene: Scene, edit: Edit) -> None:
    edit("""insert into audit (position, tx, tenant, actor, action, object, outcome, correlation, client)
            overriding system value select 4000, tx, tenant, actor, 'x', '', 'done', '', ''
            from audit where position = 4""")
    assert ("inserted", None) in await scene.faults()


async def test_asvs_16_4_2_a_cut_tail_is_found_even_when_its_heads_are_cut_too(scene: Scene, edit: Edit) -> None:
    kept = tuple(await newest(scene.database))
    for table in ("audit_head", "audit_chain", "audit"):
        column = "position" if table == "audit" else "seq"
        edit(f"delete from {table} where {column} > 4")
    assert (await scene.report(outside=False)).sound, "the database alone cannot tell"
    assert await scene.faults() == {("cut", 6)}
    edit("delete from audit_head")
    report = await scene.report(kept, outside=False)
    assert [(fault.kind, fault.seq) for fault in report.faults] == [("cut", 6)], "what was kept elsewhere tells it, too"


async def test_asvs_16_4_2_a_chain_forged_anew_is_found(scene: Scene, edit: Edit) -> None:
    """Who rewrites a row and recomputes every hash after it has a chain that fits, and heads that do not."""
    edit("update audit set object = 'x' where position = 3")
    edit("delete from audit_chain")
    edit("delete from audit_head")
    edit("delete from cursor where name = 'audit'")
    await Sequencer(scene.database).step()
    assert (await scene.report(outside=False)).sound
    assert await scene.faults() == {("rewritten", 4), ("rewritten", 6)}


async def test_a_forged_head_is_found(scene: Scene, edit: Edit) -> None:
    head = SignedHead("rooms", scene.act.tenant, 6, "00" * 32, StandingClock()())
    forged = Attestor(MemoryKeys(), PURPOSE).signed(msgspec.json.encode(head))
    assert await scene.faults((forged,)) == {("forged", None)}
    edit("update audit_head set signed = replace(signed, '.', '.A') where seq = 4")
    assert await scene.faults() == {("forged", 4)}
    await scene.objects.put_plain(place(scene.act.tenant, 6), forged.encode())
    assert await scene.faults() == {("forged", 4), ("forged", 6)}


async def test_a_true_head_in_the_place_of_another_is_found(scene: Scene) -> None:
    earlier = await scene.objects.get_plain(place(scene.act.tenant, 4))
    await scene.objects.put_plain(place(scene.act.tenant, 6), earlier)
    await scene.objects.put_plain("audit-heads/nobody/x", earlier)
    other = Attestor(MemoryKeys(), "consent-proof").signed(b"{}")
    await scene.objects.put_plain(place(TenantId(uuid4()), 1), other.encode())
    assert await scene.faults() == {("forged", 6), ("forged", None), ("forged", 1)}


async def test_a_copy_that_is_gone_is_told(scene: Scene) -> None:
    await scene.objects.delete(place(scene.act.tenant, 4))
    report = await scene.report()
    assert (report.sound, report.missing) == (True, 1)


async def test_nothing_is_signed_while_the_store_is_away_and_all_is_caught_up(scene: Scene, keys: MemoryKeys) -> None:
    await scene.read(3)
    away = Objects(ObjectSettings(endpoint="http://127.0.0.1:9", bucket="x", access_key="x"), "rooms")
    away.store = obstore.store.S3Store(
        "x", endpoint="http://127.0.0.1:9", client_options={"allow_http": True}, retry_config={"max_retries": 0}
    )
    with pytest.raises(Unavailable):
        await Heads(scene.database, away, scene.attestor, StandingClock()).step()
    assert (await scene.report()).signed == 2
    assert await scene.heads.step() == 1
    assert (await scene.report()).signed == 3


async def test_nobody_but_the_owner_changes_or_removes_a_head(scene: Scene) -> None:
    for statement in ("delete from audit_head", "update audit_head set seq = 1"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with scene.database.worker() as tx:
                await tx.execute(statement)
    async with scene.database.app(TenantId(uuid4())) as tx:
        assert await (await tx.execute("select count(*) from audit_head")).fetchone() == (0,)
