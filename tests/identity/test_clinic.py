"""The clinic as its administrators describe it, over HTTP."""

from typing import Any, cast

import pytest

from mindlyfe.identity.contract import Organisations
from mindlyfe.identity.contract.organisations import OrganisationChangedV1
from mindlyfe.kernel.testing.answers import refused

PLACE = {
    "name": "Haven",
    "zone": "Europe/London",
    "locale": "en-GB",
    "jurisdiction": "GB-ENG",
    "hours": [{"weekday": 1, "from": "09:00", "to": "17:00"}],
    "holidays": [{"on": "2026-12-25", "name": "Christmas Day"}],
    "closures": [{"from": "2026-06-05T12:00:00Z", "to": "2026-06-05T16:00:00Z"}],
    "lines": [{"name": "Samaritans", "number": "116 123", "crisis": True}],
}
HERE = "/v1/organisation"


@pytest.fixture
async def clinic(house: Any) -> Any:
    clinic = await house.clinic()
    await clinic.admin.strengthen()
    return clinic


async def test_a_clinic_is_described_and_others_are_told_and_answered(house: Any, clinic: Any) -> None:
    before = (await clinic.admin.get(HERE)).json()
    saved = await clinic.admin.put(HERE, PLACE, if_match='"1"')
    assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
    shown = await clinic.admin.get(HERE)
    assert {name: shown.json()[name] for name in PLACE} == PLACE
    assert (shown.headers["etag"][:3], shown.json()["region"]) == ('"2.', before["region"])
    tenant, _ = await house.newest(OrganisationChangedV1)
    assert tenant == clinic.tenant
    asked = cast("Organisations", house.module.answers[Organisations])
    assert (await asked.organisation(tenant=tenant)).jurisdiction == "GB-ENG"
    meadow = await house.clinic("Meadow")
    assert (await meadow.admin.get(HERE)).json()["name"] == "Meadow"


async def test_descriptions_are_refused(clinic: Any) -> None:
    night = PLACE | {"hours": [{"weekday": 1, "from": "22:00", "to": "06:00"}]}
    refused(await clinic.admin.put(HERE, night), 422, "impossible-hours")
    refused(await clinic.admin.put(HERE, PLACE | {"zone": "Mars/Base"}), 422, "unknown-zone")
    refused(await clinic.admin.put(HERE, PLACE, if_match='"7"'), 412, "version-conflict")
    assert (await clinic.admin.put(HERE, PLACE, idempotency_key="o")).status_code == 200
    refused(await clinic.admin.put(HERE, PLACE | {"name": "X"}, idempotency_key="o"), 422, "idempotency-key-reused")
    weak = await clinic.staff("clinic-admin", strong=False)
    refused(await weak.put(HERE, PLACE), 403, "assurance-too-low")


async def test_asvs_15_3_3_the_home_region_and_the_age_are_not_assigned(clinic: Any) -> None:
    for more in ({"region": "us"}, {"minimum_age": 1}, {"id": str(clinic.tenant)}):
        refused(await clinic.admin.put(HERE, PLACE | more), 400, "malformed")


async def test_asvs_2_3_5_a_lower_minimum_age_waits_for_a_second_administrator(clinic: Any) -> None:
    path, confirm = f"{HERE}/minimum-age", f"{HERE}/minimum-age/confirmation"
    lower = {"minimum_age": 16}
    refused(await clinic.admin.post(confirm, lower), 409, "nothing-proposed")
    proposed = (await clinic.admin.put(path, lower, if_match='"1"', idempotency_key="a")).json()
    assert (proposed["minimum_age"], proposed["proposed"]) == (18, 16)
    refused(await clinic.admin.put(path, {"minimum_age": 15}, if_match='"1"'), 412, "version-conflict")
    refused(await clinic.admin.put(path, {"minimum_age": 15}, idempotency_key="a"), 422, "idempotency-key-reused")
    refused(await clinic.admin.post(confirm, lower), 409, "needs-another")
    second = await (await clinic.staff("clinic-admin")).strengthen()
    refused(await second.post(confirm, {"minimum_age": 12}), 409, "nothing-proposed")
    refused(await second.post(confirm, lower | {"by": "me"}), 400, "malformed")
    assert (await clinic.admin.get(HERE)).json()["minimum_age"] == 18
    guardian = {"name": "Emi Tanaka", "phone": "+442079460001"}
    wish = await clinic.wish("young@mail.example", date_of_birth="2009-06-01", guardian=guardian)
    refused(await clinic.house.visitor().post("/v1/registrations", wish), 422, "too-young")
    for _ in range(2):
        assert (await second.post(confirm, lower, idempotency_key="c")).json()["minimum_age"] == 16
    refused(await second.post(confirm, {"minimum_age": 9}, idempotency_key="c"), 422, "idempotency-key-reused")
    answer = await clinic.house.visitor().post("/v1/registrations", wish)
    assert answer.status_code == 202, answer.text
    assert (await second.put(path, {"minimum_age": 21})).json() == {"minimum_age": 21, "proposed": None, "version": 5}
