"""Valid tokens of people who do not belong, keys used for another request, and a database that is away."""

from typing import Any
from uuid import UUID, uuid4

from mindlyfe.identity.contract import SigningKeys
from mindlyfe.kernel.access import AUDIENCE, Claims
from mindlyfe.kernel.messages import PersonId, Role, TenantId
from mindlyfe.kernel.testing.answers import refused

PROFILE = {"name": "Ada", "zone": "UTC", "locale": "en"}
KEY_REUSED = (422, "idempotency-key-reused")


async def stranger(house: Any, tenant: UUID, *roles: Role) -> Any:
    """Somebody whose token we signed, but who is no member of the clinic it names."""
    now = int(house.clock.now.timestamp())
    claims = Claims(
        iss="http://localhost:8080",
        aud=AUDIENCE,
        sub=PersonId(uuid4()),
        tenant=TenantId(tenant),
        region="eu",
        roles=frozenset(roles),
        sid=uuid4(),
        aal=2,
        auth_time=now,
        iat=now,
        exp=now + 600,
        jti=uuid4(),
    )
    person = house.visitor()
    person.headers = {"authorization": f"Bearer {await house.module.answers[SigningKeys].signed(claims)}"}
    return person


async def test_who_is_no_member_has_no_profile(house: Any) -> None:
    clinic = await house.clinic()
    nobody = await stranger(house, clinic.tenant, "patient")
    refused(await nobody.get("/v1/me"), 404, "not-found")
    refused(await nobody.put("/v1/me/profile", PROFILE), 404, "not-found")
    assert (await nobody.delete("/v1/sessions/current")).status_code == 204


async def test_a_clinic_that_does_not_exist_is_not_found(house: Any) -> None:
    nobody = await stranger(house, uuid4(), "clinic-admin")
    for path in ("/v1/organisation", "/v1/registration-links"):
        refused(await nobody.get(path), 404, "not-found")
    refused(await nobody.post("/v1/registration-links"), 404, "not-found")
    assert (await nobody.get("/v1/members")).json() == {"items": [], "next": None}


async def test_a_key_is_for_one_request(house: Any) -> None:
    admin = (await house.clinic()).admin
    key = {"idempotency_key": "k"}
    links = [(await admin.post("/v1/registration-links")).json()["id"] for _ in range(2)]
    invitation = {"email": "ines@mail.example", "name": "Inés", "roles": ["therapist"]}
    assert (await admin.post("/v1/invitations", invitation, **key)).status_code == 201
    refused(await admin.post("/v1/registration-links", **key), *KEY_REUSED)
    refused(await admin.delete(f"/v1/registration-links/{links[0]}", **key), *KEY_REUSED)
    for _ in range(2):
        assert (await admin.delete(f"/v1/registration-links/{links[1]}", idempotency_key="d")).status_code == 204


async def test_without_the_database_nothing_is_claimed(house: Any) -> None:
    visitor = house.visitor()
    await house.platform.database.app_pool.close()
    refused(await visitor.get("/.well-known/jwks.json"), 503, "unavailable")
    visitor.email = "a@mail.example"
    refused(await visitor.sign_in(), 503, "unavailable")
