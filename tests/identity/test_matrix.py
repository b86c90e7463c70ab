"""Every route × every role: who has the permission gets past the door, nobody else does; nothing without a token."""

import re
from typing import Any
from uuid import uuid4

import pytest
from psycopg.sql import SQL, Identifier

from mindlyfe.identity.domain.access import GRANTS
from mindlyfe.kernel.edge import routes_of
from mindlyfe.kernel.messages import REGION
from mindlyfe.kernel.roles import EVERYBODY
from mindlyfe.kernel.route import Route
from mindlyfe.kernel.testing.answers import refused

PUBLIC = {
    "POST /v1/setup",
    "POST /v1/registrations",
    "POST /v1/verifications",
    "POST /v1/registrations/cancellation",
    "POST /v1/invitations/acceptance",
    "POST /v1/recoveries",
    "POST /v1/recoveries/completion",
    "POST /v1/address-changes/confirmation",
    "POST /v1/address-changes/cancellation",
    "POST /v1/sessions",
    "POST /v1/sessions/second-factor",
    "POST /v1/sessions/passkey",
    "POST /v1/passkey-challenges",
    "POST /v1/sessions/refresh",
    "GET /.well-known/jwks.json",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/smart-configuration",
    "GET /v1/oauth/authorize",
    "POST /v1/oauth/par",
    "POST /v1/oauth/token",
    "POST /v1/oauth/revoke",
    "POST /v1/oauth/introspect",
    "POST /v1/authorizations/{authorization}/nobody",
}

LEAVING = {"DELETE /v1/sessions/current", "DELETE /v1/me/membership", "POST /v1/me/erasure-request"}
"""After these the caller is gone, and no further door can be tried; each has tests of its own."""


def declared(house: Any) -> dict[str, Route]:
    """Every route of identity, by method and path."""
    found: dict[str, Route] = {}
    for router in house.module.routes:
        for route, handler in routes_of(router):
            one: Route = handler.opt["route"]
            found[f"{one.method} {route.path_format}"] = one
    return found


def test_only_these_routes_are_public(house: Any) -> None:
    assert {name for name, route in declared(house).items() if route.public} == PUBLIC


def test_every_permission_is_used_and_the_role_of_programs_has_none(house: Any) -> None:
    needed = {route.needs for route in declared(house).values() if not route.public}
    assert needed == set(GRANTS)
    assert not any("service" in roles for roles in GRANTS.values())


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_a_role_passes_the_doors_it_may(house: Any, role: str) -> None:
    clinic = await house.clinic()
    person = await (await clinic.staff(role)).strengthen()
    for name, route in declared(house).items():
        if route.public or name in LEAVING:
            continue
        method, path = name.split()
        own = path if name == "DELETE /v1/members/{person}/sessions" else path.replace("{person}", person.id)
        address = re.sub(r"\{\w+\}", str(uuid4()), own)
        answer = await person.http.request(method, address, headers=person.headers)
        may = role in GRANTS[route.needs]
        closed = answer.status_code == 403 and answer.json()["type"] == "/problems/forbidden"
        assert closed != may, f"{role} at {name}: {answer.text}"
        refused(await house.visitor().http.request(method, address), 401, "unauthenticated")


async def test_a_token_names_one_clinic_and_shows_nothing_of_another(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    therapist = await harbour.staff("therapist")
    assert (await meadow.admin.get("/v1/therapists")).json()["items"] == []
    members = (await meadow.admin.get("/v1/members")).json()["items"]
    assert [member["person"] for member in members] == [meadow.admin.id]
    assert (await meadow.admin.get("/v1/organisation")).json()["name"] == "Meadow"
    assert (await meadow.admin.get("/v1/registration-links")).json()["items"] == []
    link = (await harbour.admin.post("/v1/registration-links")).json()["id"]
    refused(await meadow.admin.delete(f"/v1/registration-links/{link}"), 404, "not-found")
    ids = {"ids": [therapist.id]}
    assert (await meadow.admin.post("/v1/names", ids)).json()["names"] == {}


async def test_row_level_security_alone_keeps_clinics_apart(house: Any) -> None:
    """A query without its own condition, as the app role: only the named tenant's rows."""
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    for tenant, name in ((harbour.tenant, "Ada of Harbour"), (meadow.tenant, "Ada of Meadow")):
        async with house.platform.database.app(tenant) as tx:
            assert await (await tx.execute("select name from member")).fetchall() == [(name,)]
            assert await (await tx.execute("select count(*) from account_address")).fetchone() == (0,)
    async with house.platform.database.app(REGION) as tx:
        assert await (await tx.execute("select count(*) from account_address")).fetchone() == (2,)


async def test_no_table_shows_an_address_a_password_or_a_birthday(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.patient("amina@mail.example")
    async with house.platform.database.worker() as tx:
        payloads = await (await tx.execute("select string_agg(data, '') from event")).fetchone()
        tables = ("event", "idempotency", "audit", "account_address", "member")
        rows = [
            await (await tx.execute(SQL("select t::text from {} t").format(Identifier(n)))).fetchall() for n in tables
        ]
    stored = bytes(payloads[0]) + str(rows).encode()
    assert b"organisation.founded" in stored
    for private in (b"amina@mail", b"umbrella-tortoise", b"argon2", b"1990-04-02"):
        assert private not in stored, private
