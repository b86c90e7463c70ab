"""Whatever ends a session ends its access tokens with it; other sessions go on."""

from typing import Any

import pytest

from mindlyfe.kernel.testing.answers import refused


async def at_two(house: Any) -> tuple[Any, Any]:
    first = (await house.clinic(strong=False)).admin
    second = house.visitor()
    second.email = first.email
    await second.sign_in()
    return first, second


async def session_of(person: Any) -> str:
    items = (await person.get("/v1/me/sessions")).json()["items"]
    return str(next(one["id"] for one in items if one["current"]))


@pytest.mark.parametrize("how", ["sign out", "one", "all others", "all"])
async def test_asvs_7_4_1_access_ends_with_the_session(house: Any, how: str) -> None:
    owner, other = await at_two(house)
    match how:
        case "sign out":
            answer = await other.delete("/v1/sessions/current")
        case "one":
            answer = await owner.delete(f"/v1/me/sessions/{await session_of(other)}")
        case "all others":
            answer = await owner.delete("/v1/me/sessions")
        case _:
            answer = await owner.delete("/v1/me/sessions?all=true")
    assert answer.status_code == 204
    problem = refused(await other.get("/v1/me"), 401, "invalid-token")
    assert "sign in again" in problem["detail"]
    refused(await other.renew(), 401, "session-ended")
    assert (await owner.get("/v1/me")).status_code == (401 if how == "all" else 200)
    await other.sign_in()
    assert (await other.get("/v1/me")).status_code == 200, "in the same second, by a new session"


async def test_reuse_of_a_refresh_token_ends_access_at_once(house: Any) -> None:
    owner, other = await at_two(house)
    stolen = other.refresh_token
    await other.renew()
    assert (await other.get("/v1/me")).status_code == 200
    house.clock.pass_(seconds=11)
    refused(await house.visitor().renew(stolen), 401, "session-ended")
    refused(await other.get("/v1/me"), 401, "invalid-token")
    assert (await owner.get("/v1/me")).status_code == 200


async def test_roles_that_come_back_need_no_renewal_and_others_do(house: Any) -> None:
    clinic = await house.clinic()
    desk = await clinic.staff("reception")
    path = f"/v1/members/{desk.id}/roles"
    await clinic.admin.put(path, {"roles": ["therapist"]})
    refused(await desk.get("/v1/me"), 401, "invalid-token")
    await clinic.admin.put(path, {"roles": ["reception"]})
    assert (await desk.get("/v1/me")).status_code == 200
    await clinic.admin.put(path, {"roles": ["reception", "supervisor"]})
    refused(await desk.get("/v1/me"), 401, "invalid-token")
    assert (await desk.renew()).status_code == 200
    assert set((await desk.get("/v1/me")).json()["roles"]) == {"reception", "supervisor"}
    assert (await clinic.admin.get("/v1/me")).status_code == 200


async def test_an_access_token_does_not_outlive_its_session(house: Any) -> None:
    owner = (await house.clinic(strong=False)).admin
    for _ in range(3):
        house.clock.pass_(days=9, hours=23)
        await owner.renew()
    house.clock.pass_(hours=2, minutes=59)
    renewed = (await owner.renew()).json()
    assert renewed["expires_at"] == "2026-07-01T06:00:00Z", "thirty days after the sign-in"
    house.clock.pass_(minutes=1, seconds=5)
    refused(await owner.get("/v1/me"), 401, "invalid-token")
    refused(await owner.renew(), 401, "session-ended")
