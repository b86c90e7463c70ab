"""Which accounts are not merged, and by whom they are not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.identity.conftest import assembled
from tests.identity.rights import working
from tests.identity.twice import Twice

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.personal import PersonData
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.retained import Retained
from mindlyfe.kernel.testing.answers import refused


@pytest.fixture
async def twice(house: Any) -> Twice:
    return await Twice(house, await house.clinic()).open()


async def test_what_cannot_be_merged_is_refused(house: Any, twice: Twice) -> None:
    meadow, both = await house.clinic("Meadow"), ("duplicate", "survivor")
    stranger = await meadow.patient("stranger@mail.example")
    ruiz, gone = await twice.clinic.staff("therapist"), await twice.clinic.patient("gone@mail.example")
    await gone.post("/v1/me/erasure-request")
    cases: list[tuple[str, int, str]] = [
        (str(uuid4()), 404, "not-found"),
        (stranger.id, 404, "not-found"),
        (twice.admin.id, 409, "not-yourself"),
        (ruiz.id, 422, "patients-only"),
    ]
    for wrong, status, code in cases:
        for side in both:
            refused(await twice.propose(**{side: wrong}), status, code)
            ids = {name: twice.wish[name] for name in both} | {side: wrong}
            refused(await twice.admin.post("/v1/merges/preview", ids), status, code)
    refused(await twice.propose(duplicate=twice.new.id), 422, "same-person")
    for side in both:
        # Being erased, somebody has no role any more; erased, nobody knows them.
        refused(await twice.propose(**{side: gone.id}), 422, "patients-only")


async def test_nobody_on_hold_or_who_asked_to_be_erased_is_merged(twice: Twice) -> None:
    hold, why = f"/v1/legal-holds/{twice.new.id}", {"reason": "A claim before the court"}
    await twice.officer.put(hold, why)
    refused(await twice.propose(), 409, "legal-hold")
    await twice.officer.post(f"{hold}/end", why)
    assert (await twice.propose()).status_code == 200
    await twice.officer.put(f"/v1/legal-holds/{twice.old.id}", why)
    refused(await twice.decide(), 409, "legal-hold")
    await twice.new.post("/v1/me/erasure-request")
    await twice.officer.post(f"/v1/legal-holds/{twice.old.id}/end", why)
    refused(await twice.decide(), 422, "patients-only")


async def test_who_waits_for_an_erasure_is_not_merged(twice: Twice) -> None:
    ruiz = await twice.clinic.staff("therapist")
    await twice.care(twice.old, ruiz)
    assert (await twice.old.post("/v1/me/erasure-request")).json()["status"] == "waiting"
    refused(await twice.propose(), 409, "erasure-waits")


async def test_dates_of_birth_that_differ_stop_it_and_a_correction_lets_it_go_on(twice: Twice) -> None:
    assert (await twice.propose()).status_code == 200
    path = f"/v1/patients/{twice.old.id}/date-of-birth"
    await twice.admin.put(path, {"date_of_birth": "1991-04-02", "reason": "As the letter says."})
    ids = {name: twice.wish[name] for name in ("duplicate", "survivor")}
    preview = (await twice.admin.post("/v1/merges/preview", ids)).json()
    assert preview["blocks"] == ["birth-dates-differ"]
    refused(await twice.decide(), 409, "birth-dates-differ")
    twice.path = f"/v1/merges/{uuid4()}"
    refused(await twice.propose("birth-dates-differ"), 409, "birth-dates-differ")
    await twice.admin.put(path, {"date_of_birth": "1990-04-02", "reason": "Passport shown."})
    refused(await twice.propose(), 409, "merge-waits")


async def test_four_eyes_decide_in_time_and_once(twice: Twice) -> None:
    assert (await twice.propose()).json()["status"] == "proposed"
    refused(await twice.decide(by=twice.admin), 403, "second-person-needed")
    refused(await twice.decide(if_match='"9"'), 412, "version-conflict")
    refused(await twice.propose(survivor=str(uuid4())), 409, "merge-taken")
    assert (await twice.decide("decline", by=twice.admin)).json()["status"] == "declined"
    refused(await twice.decide(), 409, "merge-decided")
    assert (await twice.old.renew()).status_code == 200
    twice.path = f"/v1/merges/{uuid4()}"
    assert (await twice.propose()).status_code == 200
    await twice.admin.put(f"/v1/members/{twice.new.id}/suspension", {"reason": "A dispute."})
    refused(await twice.decide(), 409, "conflicts-not-acknowledged")
    twice.house.clock.pass_(days=7)
    for one in (twice.admin, twice.officer):
        await one.sign_in()
    refused(await twice.decide(), 409, "merge-lapsed")
    async with working(twice.house.module, "merges"):
        await twice.until(lambda view: view["status"] == "lapsed")
    twice.path = f"/v1/merges/{uuid4()}"
    assert (await twice.propose("suspended")).status_code == 200


async def test_the_sign_in_of_who_decides_is_recent_and_keys_are_used_once(twice: Twice) -> None:
    assert (await twice.admin.put(twice.path, twice.wish, idempotency_key="m")).status_code == 200
    refused(
        await twice.admin.put(f"/v1/merges/{uuid4()}", twice.wish, idempotency_key="m"), 422, "idempotency-key-reused"
    )
    twice.house.clock.pass_(seconds=601)
    await twice.officer.renew()
    refused(await twice.decide(), 403, "sign-in-too-old")


async def test_another_clinic_and_other_roles_reach_nothing(house: Any, twice: Twice) -> None:
    meadow, weak = await house.clinic("Meadow"), await twice.clinic.staff("clinic-admin", strong=False)
    await meadow.admin.strengthen()
    await twice.propose()
    refused(await meadow.admin.get(twice.path), 404, "not-found")
    refused(await meadow.admin.post(f"{twice.path}/decision", {"decision": "approve"}), 404, "not-found")
    refused(await meadow.admin.put(twice.path, twice.wish), 404, "not-found")
    assert (await meadow.admin.get("/v1/merges")).json()["items"] == []
    refused(await weak.get(twice.path), 403, "assurance-too-low")
    refused(await twice.old.put(twice.path, twice.wish), 403, "forbidden")
    later = twice.house.clock() + timedelta(days=7)
    assert (await twice.view())["decide_by"] == later.isoformat().replace("+00:00", "Z")


class Therapy:
    """A neighbour in which one patient is treated."""

    treated: str = ""

    async def barred(self, *, tenant: TenantId, person: PersonId) -> bool:
        return str(person) == self.treated

    async def retained(self, *, tenant: TenantId, person: PersonId) -> list[Retained]:
        return []


async def test_an_account_in_treatment_is_not_the_one_that_ends(database: Database) -> None:
    house, therapy = assembled(database, contexts=("identity", "therapy")), Therapy()
    house.platform.asks.bind({PersonData: therapy}, context="therapy")
    twice = await Twice(house, await house.clinic()).open()
    assert (await twice.propose()).status_code == 200
    therapy.treated = twice.old.id
    refused(await twice.decide(), 409, "treatment-runs")
    assert (await twice.decide("decline")).status_code == 200
    twice.path = f"/v1/merges/{uuid4()}"
    refused(await twice.propose(), 409, "treatment-runs")
    assert (await twice.propose(duplicate=twice.new.id, survivor=twice.old.id)).status_code == 200
