"""Opening a clinic over HTTP, by a one-time code."""

from typing import Any

import pytest

from mindlyfe.identity.contract import MemberJoinedV1, RegistrationStartedV1
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.testing.answers import refused


async def wish(house: Any, **administrator: str) -> dict[str, Any]:
    person = {
        "name": "Ada",
        "email": "ada@mail.example",
        "password": "umbrella-tortoise-lagoon",
        "zone": "Europe/London",
    }
    return {
        "code": await house.setup_code(),
        "organisation": {"name": "Harbour", "zone": "Europe/London", "locale": "en-GB"},
        "administrator": person | administrator,
    }


async def test_a_clinic_opens_once_and_its_administrator_signs_in(house: Any) -> None:
    asked, ada = await wish(house), house.visitor()
    opened = await ada.post("/v1/setup", asked)
    assert opened.status_code == 201
    ada.email = "ada@mail.example"
    signed_in = await ada.sign_in()
    assert signed_in.json()["organisation"] == opened.json()["organisation"]
    assert (await ada.get("/v1/organisation")).json() == {
        "id": opened.json()["organisation"],
        "name": "Harbour",
        "zone": "Europe/London",
        "locale": "en-GB",
        "region": house.platform.settings.region,
        "minimum_age": 18,
        "proposed_minimum_age": None,
        "jurisdiction": "",
        "hours": [],
        "holidays": [],
        "closures": [],
        "lines": [],
        "version": 1,
    }
    refused(await ada.post("/v1/setup", asked), 409, "code-used")
    assert len([1 for _, event in await house.published() if isinstance(event, MemberJoinedV1)]) == 1


async def test_a_request_that_got_no_answer_is_repeated_by_its_key(house: Any) -> None:
    asked, ada = await wish(house), house.visitor()
    first = await ada.post("/v1/setup", asked, idempotency_key="setup")
    again = await ada.post("/v1/setup", asked, idempotency_key="setup")
    assert (again.status_code, again.json()) == (201, first.json())
    other = asked | {"organisation": asked["organisation"] | {"name": "Other"}}
    refused(await ada.post("/v1/setup", other, idempotency_key="setup"), 422, "idempotency-key-reused")


async def test_a_setup_that_broke_off_goes_on_with_the_same_ids(house: Any) -> None:
    asked, ada = await wish(house), house.visitor()
    clinic = await house.clinic("Taken")
    broken = asked | {"administrator": asked["administrator"] | {"email": clinic.admin.email}}
    refused(await ada.post("/v1/setup", broken), 409, "address-taken")
    assert (await ada.post("/v1/setup", asked)).status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"code": "nonsense"}, 400, "code-invalid"),
        ({"organisation": {"name": "H", "zone": "Mars/Base", "locale": "en"}}, 422, "unknown-zone"),
        (
            {"administrator": {"name": "A", "email": "a@b.example", "password": "short", "zone": "UTC"}},
            422,
            "weak-password",
        ),
        ({"organisation": {"name": "H", "zone": "UTC"}}, 400, "malformed"),
    ],
)
async def test_what_cannot_be_right_leaves_the_code_unused(
    house: Any, change: dict[str, Any], status: int, code: str
) -> None:
    asked = await wish(house)
    refused(await house.visitor().post("/v1/setup", asked | change), status, code)
    assert (await house.visitor().post("/v1/setup", asked)).status_code == 201


async def test_the_code_ends_after_a_day_and_is_none_for_anything_else(house: Any) -> None:
    asked = await wish(house)
    clinic = await house.clinic("Other")
    refused(
        await house.visitor().post("/v1/verifications", {"code": asked["code"], "password": PASSWORD}),
        400,
        "verification-failed",
    )
    visitor = house.visitor()
    await visitor.post("/v1/registrations", await clinic.wish("pat@mail.example"))
    verification = await house.mailed_code(RegistrationStartedV1)
    refused(await visitor.post("/v1/setup", asked | {"code": verification}), 400, "code-invalid")
    house.clock.pass_(hours=24)
    refused(await visitor.post("/v1/setup", asked), 410, "code-expired")
