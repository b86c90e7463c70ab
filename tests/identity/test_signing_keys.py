"""Operators look at the keys that sign tokens, and rotate them: nobody is signed out."""

from datetime import datetime
from typing import Any

from joserfc import jws
from tests.identity.openid_app import bearer

from mindlyfe.identity.adapters.signing_keys import AHEAD
from mindlyfe.kernel.testing.answers import refused

KEYS = "/v1/signing-keys"


async def operator(clinic: Any, **claims: Any) -> Any:
    """Somebody with the role of an operator, whose second factor was just seen."""
    person = clinic.house.visitor()
    person.headers = await bearer(clinic, "operator", **({"aal": 2} | claims))
    return person


async def published(house: Any) -> list[str]:
    """The ids in the set that everybody verifies by."""
    return [key["kid"] for key in (await house.visitor().get("/.well-known/jwks.json")).json()["keys"]]


async def test_asvs_13_3_4_a_key_is_rotated_and_tokens_from_before_and_after_both_count(house: Any) -> None:
    clinic = await house.clinic()
    made = await (await operator(clinic)).post(f"{KEYS}/rotation")
    assert made.status_code == 200, made.text
    house.clock.now += AHEAD
    house.clock.pass_(seconds=-1)
    before = await operator(clinic)
    house.clock.pass_(seconds=2)
    after = await operator(clinic)
    [old, new] = (await before.get(KEYS)).json()["items"]
    shown = await after.get(KEYS)
    assert shown.status_code == 200, shown.text
    assert shown.json()["items"] == [old, new]
    assert (signed_by(before), signed_by(after)) == (old["id"], new["id"])
    assert new == made.json()


async def test_a_session_from_before_goes_on_after(house: Any) -> None:
    clinic = await house.clinic()
    patient = await clinic.patient()
    first = signed_by(patient)
    await (await operator(clinic)).post(f"{KEYS}/rotation")
    house.clock.now += AHEAD
    house.clock.pass_(minutes=1)
    assert (await patient.renew()).status_code == 200
    assert (await patient.get("/v1/me")).status_code == 200
    assert signed_by(patient) != first


async def test_the_next_key_is_published_at_once_signs_later_and_is_one(house: Any) -> None:
    clinic = await house.clinic()
    someone = await operator(clinic)
    [only] = (await someone.get(KEYS)).json()["items"]
    assert only["signs_until"] is None
    made = (await someone.post(f"{KEYS}/rotation")).json()
    assert (await someone.post(f"{KEYS}/rotation")).json() == made
    assert datetime.fromisoformat(made["signs_from"]) == house.clock() + AHEAD
    assert (await someone.get(KEYS)).json()["items"] == [only | {"signs_until": made["signs_from"]}, made]
    assert await published(house) == [only["id"], made["id"]]
    assert signed_by(await operator(clinic)) == only["id"]


async def test_ids_and_times_are_all_that_is_shown(house: Any) -> None:
    someone = await operator(await house.clinic())
    made = (await someone.post(f"{KEYS}/rotation")).json()
    for key in [made, *(await someone.get(KEYS)).json()["items"]]:
        assert key.keys() == {"id", "signs_from", "signs_until"}


async def test_a_rotation_is_in_the_audit_and_so_is_a_refused_one(house: Any) -> None:
    clinic = await house.clinic()
    await (await operator(clinic)).post(f"{KEYS}/rotation")
    await clinic.admin.http.post(f"{KEYS}/rotation", headers=await bearer(clinic, "clinic-admin", aal=2))
    rows = [(row.tenant, row.outcome) for row in house.audit.rows if row.action == "signing-keys.rotated"]
    assert rows == [(clinic.tenant, "done"), (clinic.tenant, "forbidden")]


async def test_only_an_operator_with_a_fresh_second_factor_rotates(house: Any) -> None:
    clinic = await house.clinic()
    weak, admin = await operator(clinic, aal=1), house.visitor()
    admin.headers = await bearer(clinic, "clinic-admin", "privacy-officer", aal=2)
    stale = await operator(clinic, auth_time=int(house.clock().timestamp()) - 601)
    before = await published(house)
    for someone, status, code in (
        (house.visitor(), 401, "unauthenticated"),
        (admin, 403, "forbidden"),
        (weak, 403, "assurance-too-low"),
        (stale, 403, "sign-in-too-old"),
    ):
        refused(await someone.post(f"{KEYS}/rotation"), status, code)
        if someone is not stale:
            refused(await someone.get(KEYS), status, code)
    assert (await stale.get(KEYS)).status_code == 200
    assert await published(house) == before


def signed_by(person: Any) -> str:
    """The id of the key that signed the person's token."""
    token = person.headers["authorization"].removeprefix("Bearer ")
    return str(jws.extract_compact(token.encode()).headers()["kid"])
