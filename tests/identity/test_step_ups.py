"""Proving once more who one is, within a session."""

from typing import Any

from mindlyfe.kernel.testing.answers import refused


async def test_asvs_7_4_3_and_7_5_3_a_proof_makes_the_sign_in_recent_again(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    house.clock.pass_(minutes=11)
    assert (await pat.renew()).status_code == 200
    refused(await pat.post("/v1/me/factors/backup-codes"), 403, "sign-in-too-old")
    old = pat.refresh_token
    assert (await pat.prove("password", password="umbrella-tortoise-lagoon")).status_code == 200
    assert (await pat.post("/v1/me/factors/backup-codes")).status_code == 201
    assert pat.claims().aal == 2
    house.clock.pass_(seconds=11)
    refused(await pat.renew(old), 401, "session-ended")


async def test_a_proof_by_code_is_counted_when_it_is_wrong(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    refused(await pat.prove("totp", code="000000"), 403, "proof-failed")
    [backup, *_] = await pat.enrol()
    assert (await pat.prove("totp", code=pat.code())).status_code == 200
    refused(await pat.prove("backup-code", code="0" * 24), 403, "proof-failed")
    assert (await pat.prove("backup-code", code=backup)).status_code == 200
    assert pat.claims().aal == 2
    for _ in range(6):
        refused(await pat.prove("totp", code="000000"), 403, "proof-failed")
    refused(await pat.prove("totp", code=pat.code()), 429, "too-many-requests")


async def test_guessing_the_password_within_a_session_is_slowed_down(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    for _ in range(6):
        refused(await pat.prove("password", password="wrong-tortoise-lagoon"), 403, "proof-failed")
    refused(await pat.prove("password", password="umbrella-tortoise-lagoon"), 429, "too-many-requests")


async def test_a_session_that_ended_is_not_strengthened(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.delete("/v1/sessions/current")
    refused(await pat.prove("password", password="umbrella-tortoise-lagoon"), 401, "invalid-token")
    refused(await pat.post("/v1/me/factors/totp/confirmation", {"code": "000000"}), 401, "invalid-token")
