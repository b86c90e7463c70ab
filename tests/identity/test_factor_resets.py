"""Second factors that somebody lost, removed for them: by their only clinic, or by an operator for all clinics."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract.factors import FactorsChangedV1
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.kernel.testing.answers import refused

WHY = {"reason": "Came to the desk with her passport."}


@pytest.fixture
async def clinic(house: Any) -> Any:
    clinic = await house.clinic()
    await clinic.admin.strengthen()
    return clinic


@pytest.fixture
async def sam(clinic: Any) -> Any:
    """A therapist with a second factor."""
    return await (await clinic.staff("therapist")).strengthen()


def path(person: Any) -> str:
    return f"/v1/members/{person.id}/factors"


async def test_who_lost_a_factor_signs_in_by_the_password_and_enrols_anew(house: Any, clinic: Any, sam: Any) -> None:
    [code, *_] = (await sam.post("/v1/me/factors/backup-codes")).json()["codes"]
    waiting = (await sam.first_step()).json()["challenge"]
    assert (await clinic.admin.delete(path(sam), WHY)).status_code == 204
    refused(await sam.renew(), 401, "session-ended")
    refused(await sam.get("/v1/me"), 401, "invalid-token")
    refused(await sam.second_step(waiting), 401, "challenge-ended")
    sam.app = None
    assert (await sam.sign_in()).status_code == 201
    assert sam.claims().aal == 1
    shown = (await sam.get("/v1/me/factors")).json()
    assert (shown["second_factor"], shown["totp"], shown["passkeys"], shown["backup_codes_left"]) == (
        False,
        None,
        [],
        0,
    )
    refused(await sam.prove("backup-code", code=code), 403, "proof-failed")
    assert len(await sam.enrol()) == 10
    assert (await clinic.admin.renew()).status_code == 200


async def test_its_owner_is_told_and_the_record_says_who_did_it_and_why(house: Any, clinic: Any, sam: Any) -> None:
    before = len(await told(house))
    assert (await clinic.admin.delete(path(sam), WHY)).status_code == 204
    assert (await told(house))[before:] == [(REGION, FactorsChangedV1(person=PersonId(UUID(sam.id))))]
    async with house.platform.database.worker() as tx:
        found = await tx.execute(
            "select actor, subject from audit where action = 'factors.reset.v1' and tenant = %s", (REGION,)
        )
        assert await found.fetchall() == [(UUID(clinic.admin.id), UUID(sam.id))]


async def test_one_clinic_weakens_no_account_that_opens_another(house: Any, clinic: Any) -> None:
    """The clinic is refused and that is on record; an operator does it for every clinic."""
    meadow = await house.clinic("Meadow")
    person = await clinic.staff("therapist", email="both@mail.example", strong=False)
    await meadow.staff("therapist", email="both@mail.example", strong=False)
    await person.enrol()
    problem = refused(await clinic.admin.delete(path(person), WHY), 409, "not-this-clinics-alone")
    assert "operator" in problem["detail"]
    assert str(meadow.tenant) not in str(problem)
    async with house.platform.database.worker() as tx:
        found = await tx.execute("select subject, outcome from audit where action = 'factors.reset-refused'")
        assert await found.fetchall() == [(UUID(person.id), "not-this-clinics-alone")]
    assert (await person.get("/v1/me/factors")).json()["second_factor"] is True
    operator = f"/v1/accounts/{person.id}/factors"
    assert (await clinic.admin.delete(operator, WHY)).status_code == 204
    person.app = None
    assert (await person.sign_in()).status_code == 201


async def test_where_there_is_no_factor_nobody_learns_of_another_clinic(house: Any, clinic: Any) -> None:
    meadow = await house.clinic("Meadow")
    person = await clinic.staff("therapist", email="both@mail.example", strong=False)
    await meadow.staff("therapist", email="both@mail.example", strong=False)
    refused(await clinic.admin.delete(path(person), WHY), 409, "nothing-to-remove")
    assert (await person.renew()).status_code == 200


async def test_who_left_the_other_clinic_belongs_to_this_one_alone(house: Any, clinic: Any) -> None:
    meadow = await house.clinic("Meadow")
    person = await clinic.staff("therapist", email="both@mail.example", strong=False)
    there = await meadow.staff("therapist", email="both@mail.example", strong=False)
    await there.sign_in(organisation=str(meadow.tenant))
    assert (await there.delete("/v1/me/membership")).status_code == 204
    await person.sign_in()
    await person.enrol()
    assert (await clinic.admin.delete(path(person), WHY)).status_code == 204


async def test_resets_are_refused(house: Any, clinic: Any, sam: Any) -> None:
    meadow, weak = await house.clinic("Meadow"), await clinic.staff("clinic-admin", strong=False)
    await meadow.admin.strengthen()
    refused(await weak.delete(path(sam), WHY), 403, "assurance-too-low")
    await weak.strengthen()
    refused(await weak.delete(path(clinic.admin), WHY), 403, "role-not-yours")
    refused(await weak.delete(f"/v1/accounts/{sam.id}/factors", WHY), 403, "forbidden")
    refused(await sam.delete(path(clinic.admin), WHY), 403, "forbidden")
    refused(await meadow.admin.delete(path(sam), WHY), 404, "not-found")
    for nobody in (f"/v1/members/{uuid4()}/factors", f"/v1/accounts/{uuid4()}/factors"):
        refused(await clinic.admin.delete(nobody, WHY), 404, "not-found")
    for own in (path(clinic.admin), f"/v1/accounts/{clinic.admin.id}/factors"):
        refused(await clinic.admin.delete(own, WHY), 409, "not-yourself")
    for wrong in ({}, {"reason": " "}, WHY | {"person": sam.id}):
        refused(await clinic.admin.delete(path(sam), wrong), 400, "malformed")
    assert (await sam.renew()).status_code == 200


async def test_a_proof_that_is_too_old_resets_nothing(house: Any, clinic: Any, sam: Any) -> None:
    house.clock.pass_(seconds=540)
    await clinic.admin.renew()
    house.clock.pass_(seconds=61)
    refused(await clinic.admin.delete(path(sam), WHY), 403, "sign-in-too-old")


async def test_repeated_by_its_key_it_is_done_once(clinic: Any, sam: Any) -> None:
    for _ in range(2):
        assert (await clinic.admin.delete(path(sam), WHY, idempotency_key="r")).status_code == 204
    refused(await clinic.admin.delete(path(sam), WHY), 409, "nothing-to-remove")
    other = {"reason": "Another one."}
    refused(await clinic.admin.delete(path(sam), other, idempotency_key="r"), 422, "idempotency-key-reused")
    account = f"/v1/accounts/{sam.id}/factors"
    refused(await clinic.admin.delete(account, WHY, idempotency_key="r"), 422, "idempotency-key-reused")


async def told(house: Any) -> list[Any]:
    return [(tenant, event) for tenant, event in await house.published() if isinstance(event, FactorsChangedV1)]
