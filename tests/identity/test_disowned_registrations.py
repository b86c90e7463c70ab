"""Registrations by somebody else's address: they come to nothing, and what was given is erased."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from tests.identity.conftest import House, assembled
from tests.identity.rights import working

from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.application import unconfirmed
from mindlyfe.identity.application.acts import registration_stream
from mindlyfe.identity.contract import MemberJoinedV1, RegistrationStartedV1
from mindlyfe.identity.domain.registration import GUESSES
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.rebuild import rebuilds
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.stand_ins import MemoryObjects

THIEFS = "thiefs-long-password"
VERIFY, CANCEL = "/v1/verifications", "/v1/registrations/cancellation"
OWNER = "pat@mail.example"


@pytest.fixture
async def house(database: Database) -> House:
    """Identity, with a store of objects to erase from."""
    return assembled(database, MemoryObjects())


async def mailed(clinic: Any, password: str = THIEFS) -> str:
    """The code in the mail to the owner, after somebody registered by their address."""
    visitor = clinic.house.visitor()
    assert (await visitor.post("/v1/registrations", await clinic.wish(OWNER, password=password))).status_code == 202
    return str(await clinic.house.mailed_code(RegistrationStartedV1))


async def test_a_click_of_the_owner_opens_no_account_for_who_chose_the_password(house: Any) -> None:
    """Pre-hijacking: the victim confirms an address that is theirs, and the attacker signs in."""
    clinic, owner, thief = await house.clinic(), house.visitor(), house.visitor()
    thief.email = owner.email = OWNER
    code = await mailed(clinic)
    refused(await owner.post(VERIFY, {"code": code}), 400, "malformed")
    refused(await owner.post(VERIFY, {"code": code, "password": PASSWORD}), 400, "verification-failed")
    refused(await thief.sign_in(THIEFS), 401, "sign-in-failed")
    mine = await mailed(clinic, PASSWORD)
    assert (await owner.post(VERIFY, {"code": mine, "password": PASSWORD})).status_code == 200
    assert (await owner.sign_in()).status_code == 201
    refused(await thief.sign_in(THIEFS), 401, "sign-in-failed")


async def test_the_password_is_guessed_ten_times_and_no_more_even_at_once(house: Any) -> None:
    clinic, visitor = await house.clinic(), house.visitor()
    code = await mailed(clinic)
    guesses = [{"code": code, "password": f"guess-number-{n}"} for n in range(GUESSES + 2)]
    answers = await asyncio.gather(*(visitor.post(VERIFY, guess) for guess in guesses))
    assert sorted(answer.status_code for answer in answers) == [400] * GUESSES + [410] * 2
    refused(await visitor.post(VERIFY, {"code": code, "password": THIEFS}), 410, "code-expired")


async def test_a_confirmed_registration_is_no_place_to_guess_the_password_either(house: Any) -> None:
    clinic, visitor = await house.clinic(), house.visitor()
    code = await mailed(clinic, PASSWORD)
    right = {"code": code, "password": PASSWORD}
    assert (await visitor.post(VERIFY, right)).status_code == 200
    for n in range(GUESSES):
        assert (await visitor.post(VERIFY, right)).status_code == 200
        wrong = {"code": code, "password": f"guess-number-{n}"}
        refused(await visitor.post(VERIFY, wrong, idempotency_key="same"), 400, "verification-failed")
    refused(await visitor.post(VERIFY, right), 410, "code-expired")


async def test_the_owner_says_that_it_was_somebody_else(house: Any) -> None:
    clinic, owner = await house.clinic(), house.visitor()
    code = await mailed(clinic)
    for _ in range(2):
        answer = await owner.post(CANCEL, {"code": code})
        assert (answer.status_code, answer.json()) == (200, {"status": "cancelled"})
    refused(await owner.post(VERIFY, {"code": code, "password": THIEFS}), 410, "code-expired")
    mine = await mailed(clinic, PASSWORD)
    refused(await owner.post(CANCEL, {"code": mine[:-2] + "AA"}), 400, "code-invalid")
    assert (await owner.post(VERIFY, {"code": mine, "password": PASSWORD})).status_code == 200
    refused(await owner.post(CANCEL, {"code": mine}), 409, "code-used")
    assert (await owner.post(CANCEL, {"code": code}, idempotency_key="c")).status_code == 200


async def test_a_key_cancels_one_registration(house: Any) -> None:
    clinic, owner = await house.clinic(), house.visitor()
    first, second = await mailed(clinic), await mailed(clinic)
    assert (await owner.post(CANCEL, {"code": first}, idempotency_key="c")).status_code == 200
    refused(await owner.post(CANCEL, {"code": second}, idempotency_key="c"), 422, "idempotency-key-reused")


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers look again and again."""
    monkeypatch.setattr(unconfirmed, "REST_S", 0.01)


async def gone(house: Any, tenant: Any, person: PersonId) -> bool:
    """Whether nobody can read any more what was given."""
    streams = identity_streams(house.platform.database, house.platform.keys)
    try:
        state, _ = await streams.registrations.load(tenant, registration_stream(person))
    except Erased:
        return True
    return state is None


async def until_gone(house: Any, tenant: Any, person: PersonId) -> None:
    async with asyncio.timeout(20), working(house.module, "registrations"), working(house.module, "erasures"):
        while not await gone(house, tenant, person):  # noqa: ASYNC110 - another task, in the database
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("how", ["late", "disowned"])
async def test_what_nobody_confirmed_is_erased_with_its_key_when_it_is_over(house: Any, how: str) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("kim@mail.example")
    code = await mailed(clinic)
    tenant, started = await house.newest(RegistrationStartedV1)
    if how == "disowned":
        await house.visitor().post(CANCEL, {"code": code})
        house.clock.pass_(minutes=9)
    else:
        house.clock.pass_(hours=24, minutes=9)
    async with working(house.module, "registrations"), working(house.module, "erasures"):
        await asyncio.sleep(0.2)
    assert not await gone(house, tenant, started.person), "a request in time may still be at work"
    house.clock.pass_(minutes=1)
    await until_gone(house, tenant, started.person)
    refused(await house.visitor().post(VERIFY, {"code": code, "password": THIEFS}), 410, "code-expired")
    assert (await house.visitor().post(CANCEL, {"code": code})).json() == {"status": "cancelled"}
    async with house.platform.database.worker() as tx:
        rows = await tx.execute("select id from pending_registration where person = %s", (started.person,))
        assert await rows.fetchall() == []
        erased = await tx.execute("select person, listed from erasure")
        assert await erased.fetchall() == [(started.person, False)]
    assert (await pat.sign_in()).status_code == 201, "who was confirmed stays"
    log = Log(house.platform.database, house.platform.keys, house.module.streams)
    for rebuild in rebuilds(log, house.module.streams):
        assert await rebuild.compare() == []


@pytest.mark.usefixtures("eager")
async def test_who_joined_by_a_request_that_broke_is_not_erased(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic, visitor = await house.clinic(), house.visitor()
    code = await mailed(clinic, PASSWORD)
    tenant, started = await house.newest(RegistrationStartedV1)
    with monkeypatch.context() as broken:
        broken.setattr("mindlyfe.identity.application.registrations.confirm", lambda *_: 1 / 0)
        assert (await visitor.post(VERIFY, {"code": code, "password": PASSWORD})).status_code == 500
    house.clock.pass_(hours=25)
    async with asyncio.timeout(20), working(house.module, "registrations"), working(house.module, "erasures"):
        while True:
            async with house.platform.database.worker() as tx:
                if not await (await tx.execute("select id from pending_registration")).fetchall():
                    break
            await asyncio.sleep(0.02)
    assert not await gone(house, tenant, started.person)
    visitor.email = OWNER
    assert (await visitor.sign_in()).status_code == 201
    joined = [event for _, event in await house.published() if isinstance(event, MemberJoinedV1)]
    assert UUID(visitor.id) in {event.person for event in joined}
