"""Whose law says how long records stay."""

from datetime import UTC, datetime

import pytest
from tests.identity.conftest import House, assembled
from tests.identity.rights import Therapy, case, officer_of

from mindlyfe.kernel.personal import PersonData
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.stand_ins import MemoryObjects


@pytest.fixture
def therapy() -> Therapy:
    return Therapy()


@pytest.fixture
def house(database: Database, therapy: Therapy) -> House:
    house = assembled(database, MemoryObjects(), ("identity", "therapy"))
    house.platform.asks.bind({PersonData: therapy}, context="therapy")
    return house


@pytest.mark.parametrize(
    ("law", "zone", "until"),
    [
        ("DE", "Europe/London", "2036-05-01"),
        ("BE", "Europe/London", "2056-05-01"),
        ("", "Europe/Berlin", "2036-05-01"),
        ("", "Asia/Kathmandu", "2056-05-01"),
    ],
)
async def test_the_law_that_the_clinic_named_judges_or_else_its_zone(
    house: House, therapy: Therapy, law: str, zone: str, until: str
) -> None:
    clinic = await house.clinic()
    officer, pat = await officer_of(clinic), await clinic.patient()
    described = {"name": "Harbour", "zone": zone, "locale": "en-GB", "jurisdiction": law}
    await clinic.admin.strengthen()
    assert (await clinic.admin.put("/v1/organisation", described)).status_code == 200
    therapy.latest = datetime(2026, 5, 1, tzinfo=UTC)
    await pat.post("/v1/me/erasure-request")
    advice = (await case(officer, pat))["advice"]
    assert (advice["jurisdiction"], advice["possible_on"]) == (law or ("DE" if zone == "Europe/Berlin" else ""), until)
