"""Invitations over HTTP."""

from typing import Any

import pytest

from mindlyfe.identity.contract import InvitationIssuedV1, MemberJoinedV1, RolesChangedV1
from mindlyfe.kernel.testing.answers import refused

PASSWORD = "umbrella-tortoise-lagoon"


async def invited(house: Any, clinic: Any, email: str = "ines@mail.example", *roles: str) -> dict[str, str]:
    wish = {"email": email, "name": "Dr Inés Ruiz", "roles": roles or ("therapist",)}
    assert (await clinic.admin.post("/v1/invitations", wish)).status_code == 201
    code = await house.mailed_code(InvitationIssuedV1)
    return {"code": code, "password": PASSWORD, "zone": "Europe/Paris"}


async def test_somebody_joins_by_invitation_with_its_roles_and_their_zone(house: Any) -> None:
    clinic = await house.clinic()
    accepted, ines = await invited(house, clinic), house.visitor()
    for _ in range(2):
        answer = await ines.post("/v1/invitations/acceptance", accepted)
        assert (answer.status_code, answer.json()) == (200, {"status": "accepted"})
    ines.email = "ines@mail.example"
    await ines.sign_in()
    me = (await ines.get("/v1/me")).json()
    assert (me["name"], me["roles"], me["zone"], me["locale"]) == (
        "Dr Inés Ruiz",
        ["therapist"],
        "Europe/Paris",
        "en-GB",
    )
    tenant, joined = await house.newest(MemberJoinedV1)
    assert (tenant, str(joined.person), joined.roles) == (clinic.tenant, ines.id, {"therapist"})


async def test_the_password_of_a_second_use_changes_nothing(house: Any) -> None:
    clinic = await house.clinic()
    accepted, ines = await invited(house, clinic), house.visitor()
    await ines.post("/v1/invitations/acceptance", accepted)
    thief = accepted | {"password": "thiefs-long-password"}
    assert (await ines.post("/v1/invitations/acceptance", thief)).status_code == 200
    ines.email = "ines@mail.example"
    assert (await ines.sign_in("thiefs-long-password")).status_code == 401
    assert (await ines.sign_in()).status_code == 201


async def test_who_has_an_account_gives_its_password_and_keeps_their_roles(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    accepted = await invited(house, clinic, "PAT@mail.example", "reception")
    wrong = accepted | {"password": "another-long-password"}
    refused(await pat.post("/v1/invitations/acceptance", wrong), 401, "sign-in-failed")
    assert (await pat.post("/v1/invitations/acceptance", accepted)).status_code == 200
    assert set((await pat.renew()).json()["roles"]) == {"patient", "reception"}
    tenant, changed = await house.newest(RolesChangedV1)
    assert (tenant, str(changed.person), changed.roles) == (clinic.tenant, pat.id, {"patient", "reception"})


async def test_an_invitation_ends_after_seven_days(house: Any) -> None:
    clinic = await house.clinic()
    accepted = await invited(house, clinic)
    house.clock.pass_(days=7)
    refused(await house.visitor().post("/v1/invitations/acceptance", accepted), 410, "code-expired")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"code": "nonsense"}, 400, "code-invalid"),
        ({"zone": "Mars/Base"}, 422, "unknown-zone"),
        ({"password": "short"}, 422, "weak-password"),
        ({"password": "ines-ruiz-1"}, 422, "weak-password"),
        ({"roles": ["clinic-admin"]}, 400, "malformed"),
    ],
)
async def test_what_cannot_be_right_leaves_the_invitation_open(
    house: Any, change: dict[str, Any], status: int, code: str
) -> None:
    clinic = await house.clinic()
    accepted = await invited(house, clinic)
    refused(await house.visitor().post("/v1/invitations/acceptance", accepted | change), status, code)
    assert (await house.visitor().post("/v1/invitations/acceptance", accepted)).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"roles": ["service"]}, 403, "role-not-yours"),
        ({"roles": []}, 400, "malformed"),
        ({"roles": ["king"]}, 400, "malformed"),
        ({"email": "a，b@mail.example"}, 400, "malformed"),
    ],
)
async def test_an_invitation_needs_roles_that_can_be_given(
    house: Any, change: dict[str, Any], status: int, code: str
) -> None:
    clinic = await house.clinic()
    wish = {"email": "ines@mail.example", "name": "Inés", "roles": ["therapist"]} | change
    refused(await clinic.admin.post("/v1/invitations", wish), status, code)
    assert not [event for _, event in await house.published() if isinstance(event, InvitationIssuedV1)]


async def test_keys_make_an_invitation_once(house: Any) -> None:
    clinic = await house.clinic()
    wish = {"email": "ines@mail.example", "name": "Inés", "roles": ["therapist"]}
    one, two = [await clinic.admin.post("/v1/invitations", wish, idempotency_key="i") for _ in range(2)]
    assert one.json() == two.json()
    other = wish | {"name": "Other"}
    refused(await clinic.admin.post("/v1/invitations", other, idempotency_key="i"), 422, "idempotency-key-reused")
    first = {"code": await house.mailed_code(InvitationIssuedV1), "password": PASSWORD, "zone": "UTC"}
    visitor = house.visitor()
    assert (await visitor.post("/v1/invitations/acceptance", first, idempotency_key="a")).status_code == 200
    second = await invited(house, clinic, "other@mail.example")
    answer = await visitor.post("/v1/invitations/acceptance", second, idempotency_key="a")
    refused(answer, 422, "idempotency-key-reused")
