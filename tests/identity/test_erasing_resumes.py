"""The erasing dies after any of its effects, before that is on record, and goes on to the same end."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.identity.conftest import House, assembled

from mindlyfe.identity.adapters.erasures import Erasures
from mindlyfe.identity.adapters.merges import Merges
from mindlyfe.identity.adapters.namesakes import Namesakes
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.adapters.tombstones import PURPOSE, Tombstones, read
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.erasing import Erasing
from mindlyfe.identity.application.erasures import erasure_stream
from mindlyfe.identity.domain.erasure import Gone
from mindlyfe.identity.restored import repeat_erasures
from mindlyfe.kernel.attest import Attestor
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.kernel.personal import PersonalData
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.stand_ins import MemoryObjects

EFFECTS = 7
"""Sessions ended, two deletions, two keys, two deletions: of one context, with the account."""


class Killed(BaseException):
    """kill -9: nothing more happens in this process."""


class Life:
    """So many effects, then the end: the effect has happened, and nobody could note it."""

    def __init__(self, left: int) -> None:
        self.left, self.done = left, 0

    def spend(self) -> None:
        self.done += 1
        if self.done == self.left:
            raise Killed


class Mortal:
    """Stands before something, and dies after one of the calls that `life` counts."""

    def __init__(self, behind: Any, life: Life, *counted: str) -> None:
        self._behind, self._life, self._counted = behind, life, counted

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._behind, name)
        if name not in self._counted:
            return method

        async def call(*args: Any, **named: Any) -> Any:
            result = await method(*args, **named)
            self._life.spend()
            return result

        return call


def mortal(behind: Any, life: Life, *counted: str) -> Any:
    """Of the type of what is behind, as far as a checker knows."""
    return Mortal(behind, life, *counted)


@pytest.fixture
async def house(database: Database) -> House:
    return assembled(database, MemoryObjects())


def erasing(house: House, life: Life) -> Erasing:
    p = house.platform
    streams = identity_streams(p.database, p.keys)
    held = PersonalData(p.database, p.objects, house.module.personal)
    return Erasing(
        streams=streams,
        listed=Erasures(p.database),
        sources={"identity": mortal(held, life, "erase")},
        endings=mortal(Endings(streams, SessionList(p.database), p.clock), life, "end"),
        namesakes=Namesakes(p.database, streams),
        tombstones=Tombstones(p.objects, Attestor(p.keys, PURPOSE)),
        merged=Merges(p.database),
        keys=mortal(p.keys, life, "erase"),
        clock=p.clock,
    )


async def turn(house: House, life: Life) -> None:
    """As far as it goes now, and again when the last sweep may be made."""
    worker = erasing(house, life)
    await worker.turn()
    house.clock.pass_(seconds=70)
    await worker.turn()


@pytest.mark.parametrize("effects", range(1, EFFECTS + 1))
async def test_it_goes_on_where_it_died(house: House, effects: int) -> None:
    clinic = await house.clinic()
    pat, other = await clinic.patient("pat@mail.example"), await clinic.patient("other@mail.example")
    await pat.post("/v1/me/erasure-request")
    with pytest.raises(Killed):
        await turn(house, Life(effects))
    await turn(house, Life(10_000))
    person, keys = PersonId(UUID(pat.id)), house.platform.keys
    state, _ = await identity_streams(house.platform.database, keys).erasures.load(
        clinic.tenant, erasure_stream(clinic.tenant, person)
    )
    assert state is not None
    assert (state.confirmed, state.region, state.completed_at is not None) == (("identity",), True, True)
    for tenant in (clinic.tenant, REGION):
        with pytest.raises(Erased):
            await keys.of(tenant, person)
    async with house.platform.database.worker() as tx:
        for table in ("member", "account_address", "session", "erasure_request"):
            rows = await (await tx.execute(f"select from {table} where person = %s", (person,))).fetchall()
            assert rows == [], table
    assert (await other.get("/v1/me")).json()["email"] == "other@mail.example"


async def test_restored_keys_are_destroyed_again_at_the_start(house: House) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    await pat.post("/v1/me/erasure-request")
    await turn(house, Life(10_000))
    destroyed: list[tuple[Any, Any]] = []

    class Restored:
        async def erase(self, tenant: Any, person: Any) -> None:
            destroyed.append((tenant, str(person)))

    worker = erasing(house, Life(10_000))
    await Erasing(
        streams=worker.streams,
        listed=worker.listed,
        sources=worker.sources,
        endings=worker.endings,
        namesakes=worker.namesakes,
        tombstones=worker.tombstones,
        merged=worker.merged,
        keys=Restored(),  # type: ignore[arg-type]
        clock=worker.clock,
    ).again()
    assert destroyed == [(clinic.tenant, pat.id), (REGION, pat.id)]


async def test_attempts_and_invitations_under_other_ids_go_too(house: House) -> None:
    clinic = await house.clinic()
    stray = house.visitor()
    assert (await stray.post("/v1/registrations", await clinic.wish("pat@mail.example"))).status_code == 202
    pat = await clinic.patient("pat@mail.example")
    await pat.post("/v1/me/erasure-request")
    await turn(house, Life(10_000))
    person, keys = PersonId(UUID(pat.id)), house.platform.keys
    state, _ = await identity_streams(house.platform.database, keys).erasures.load(
        clinic.tenant, erasure_stream(clinic.tenant, person)
    )
    assert state is not None
    [namesake] = state.namesakes
    with pytest.raises(Erased):
        await keys.of(clinic.tenant, namesake)


async def test_a_signed_tombstone_lies_outside_and_names_all_ids(house: House) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    await pat.post("/v1/me/erasure-request")
    await turn(house, Life(10_000))
    [signed] = house.platform.objects.held.values()  # type: ignore[attr-defined]
    found = read(Attestor(house.platform.keys, PURPOSE), signed.decode())
    assert found is not None
    assert (found.tenant, [str(one) for one in found.persons], found.region) == (clinic.tenant, [pat.id], True)
    assert read(Attestor(house.platform.keys, "audit-head"), signed.decode()) is None


async def test_who_is_back_by_a_restore_is_erased_again_and_not_told_again(house: House) -> None:
    """The records and the keys are from before; only the tombstone knows. Somebody unknown to them goes as well."""
    clinic = await house.clinic()
    pat, other = await clinic.patient("pat@mail.example"), await clinic.patient("other@mail.example")
    never = PersonId(uuid4())
    persons = [PersonId(UUID(pat.id)), never]
    attestor = Attestor(house.platform.keys, PURPOSE)
    signed = [
        attestor.signed(msgspec.json.encode(Gone(tenant=clinic.tenant, persons=(one,), region=True, at=house.clock())))
        for one in persons
    ]
    forged = Attestor(house.platform.keys, "another").signed(
        msgspec.json.encode(
            Gone(tenant=clinic.tenant, persons=(PersonId(UUID(other.id)),), region=True, at=house.clock())
        )
    )
    assert await repeat_erasures(house.platform, [*signed, *signed, forged, "nonsense"]) == 2
    for person in persons:
        for tenant in (clinic.tenant, REGION):
            with pytest.raises(Erased):
                await house.platform.keys.of(tenant, person)
    async with house.platform.database.worker() as tx:
        for table in ("member", "account_address", "session"):
            rows = await (await tx.execute(f"select from {table} where person = any(%s)", (persons,))).fetchall()
            assert rows == [], table
    assert (await pat.sign_in()).status_code == 401
    assert (await other.get("/v1/me")).json()["email"] == "other@mail.example"
    assert await repeat_erasures(house.platform, signed) == 2


async def test_it_is_repeated_though_the_keys_are_gone_already(house: House) -> None:
    """Keys are copied after the records: they may know of an erasure that the records do not."""
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    person = PersonId(UUID(pat.id))
    for tenant in (clinic.tenant, REGION):
        await house.platform.keys.erase(tenant, person)
    gone = Gone(tenant=clinic.tenant, persons=(person,), region=True, at=house.clock())
    signed = Attestor(house.platform.keys, PURPOSE).signed(msgspec.json.encode(gone))
    assert await repeat_erasures(house.platform, [signed]) == 1
    async with house.platform.database.worker() as tx:
        assert await (await tx.execute("select from member where person = %s", (person,))).fetchall() == []
