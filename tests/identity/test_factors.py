"""Second factors over HTTP: getting one, signing in by it, proving once more, giving it up."""

import asyncio
from typing import Any

import httpx
import pytest

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.authenticators import CodeApp


async def waiting(person: Any) -> str:
    """The challenge after a right password."""
    answer = await person.first_step()
    assert answer.status_code == 202, answer.text
    return str(answer.json()["challenge"])


async def test_an_app_is_offered_confirmed_and_strengthens_the_session(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    assert (await pat.get("/v1/me/factors")).json()["second_factor"] is False
    offer = (await pat.post("/v1/me/factors/totp")).json()
    assert offer["address"].startswith("otpauth://totp/MindLyfe:pat%40mail.example?secret=")
    assert (await pat.get("/v1/me/factors")).json()["second_factor"] is False
    codes = await pat.enrol()
    assert len(set(codes)) == 10
    shown = (await pat.get("/v1/me/factors")).json()
    assert (shown["second_factor"], shown["backup_codes_left"]) == (True, 10)
    assert shown["totp"]["factor"] != offer["factor"]
    assert pat.claims().aal == 2
    assert pat.claims().amr == ("pwd", "otp")


async def test_the_same_request_for_a_secret_gets_the_same(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    one, two = [(await pat.post("/v1/me/factors/totp", idempotency_key="k")).json() for _ in range(2)]
    assert one == two
    pat.app = CodeApp(one["secret"])
    assert (await pat.post("/v1/me/factors/totp/confirmation", {"code": pat.code()})).status_code == 200
    await pat.prove("totp", code=pat.code())
    refused(await pat.post("/v1/me/factors/totp", idempotency_key="k"), 409, "nothing-offered")


async def test_a_wrong_code_confirms_nothing(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    refused(await pat.post("/v1/me/factors/totp/confirmation", {"code": "000000"}), 409, "nothing-offered")
    await pat.post("/v1/me/factors/totp")
    refused(await pat.post("/v1/me/factors/totp/confirmation", {"code": "000000"}), 422, "code-wrong")
    assert (await pat.sign_in()).status_code == 201


async def test_asvs_6_3_3_a_password_alone_opens_nothing_for_who_has_a_factor(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    answer = await pat.first_step()
    assert answer.status_code == 202
    assert answer.json().keys() == {"challenge", "methods", "expires_at"}
    assert answer.json()["methods"] == ["totp", "backup-code"]
    assert not answer.headers.get_list("set-cookie")
    done = await pat.second_step(answer.json()["challenge"])
    assert done.status_code == 201
    said = pat.claims()
    assert (said.aal, said.amr) == (2, ("pwd", "otp"))
    assert (await pat.renew()).status_code == 200
    assert pat.claims().aal == 2


async def test_asvs_6_3_8_only_a_right_password_learns_of_a_second_step(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    wrong = await pat.first_step("wrong-tortoise-lagoon")
    visitor = house.visitor()
    visitor.email = "nobody@mail.example"
    unknown = await visitor.first_step()
    assert {k: v for k, v in wrong.json().items() if k != "correlation"} == {
        k: v for k, v in unknown.json().items() if k != "correlation"
    }
    refused(unknown, 401, "sign-in-failed")


async def test_asvs_6_5_1_a_code_opens_one_session_whoever_is_first(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    challenges, code = [await waiting(pat) for _ in range(4)], pat.code()
    answers = await asyncio.gather(*(pat.second_step(one, code) for one in challenges))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]


async def test_a_challenge_opens_one_session(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    codes = await pat.enrol()
    challenge = await waiting(pat)
    answers = await asyncio.gather(*(pat.second_step(challenge, code, "backup-code") for code in codes[:4]))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]
    refused(next(one for one in answers if one.status_code == 401), 401, "challenge-ended")


async def test_a_backup_code_signs_in_once(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    [code, *_] = await pat.enrol()
    assert (await pat.second_step(await waiting(pat), code.upper(), "backup-code")).status_code == 201
    assert (await pat.get("/v1/me/factors")).json()["backup_codes_left"] == 9
    refused(await pat.second_step(await waiting(pat), code, "backup-code"), 401, "second-factor-failed")


async def test_a_challenge_ends_after_five_minutes_five_tries_or_a_change(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    old = await waiting(pat)
    house.clock.pass_(minutes=5)
    refused(await pat.second_step(old), 401, "challenge-ended")
    tried = await waiting(pat)
    for _ in range(5):
        refused(await pat.second_step(tried, "000000"), 401, "second-factor-failed")
    refused(await pat.second_step(tried), 401, "challenge-ended")
    house.clock.pass_(minutes=1)
    changed = await waiting(pat)
    assert (await pat.sign_in()).status_code == 201
    assert (await pat.post("/v1/me/factors/backup-codes")).status_code == 201
    refused(await pat.second_step(changed), 401, "challenge-ended")
    refused(await pat.second_step("made-up"), 401, "challenge-ended")


async def test_asvs_6_3_1_guessing_codes_waits_without_any_cache(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    house.cache.away = True
    for _ in range(2):
        challenge = await waiting(pat)
        for _ in range(3):
            await pat.second_step(challenge, "000000")
    refused(await pat.second_step(await waiting(pat)), 429, "too-many-requests")
    house.clock.pass_(seconds=1)
    assert (await pat.second_step(await waiting(pat))).status_code == 201


async def test_browsers_take_both_steps_by_cookie(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    browser = house.visitor()
    wish = {"challenge": await waiting(pat), "delivery": "cookie", "proof": {"method": "totp", "code": pat.code()}}
    answer = await browser.http.post("/v1/sessions/second-factor", json=wish)
    assert (answer.status_code, answer.json()["access_token"]) == (201, None)
    assert (await browser.http.get("/v1/me")).status_code == 200
    proof = {"proof": {"method": "password", "password": "umbrella-tortoise-lagoon"}}
    here = {"origin": "http://localhost:8080"}
    before = dict(browser.http.cookies)
    again = await browser.http.post("/v1/sessions/current/proof", json=proof, headers=here)
    assert (again.status_code, again.json()["refresh_token"]) == (200, None)
    assert dict(browser.http.cookies) != before


async def test_asvs_7_4_3_a_new_factor_ends_the_other_sessions(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    weak = house.visitor()
    weak.email = pat.email
    await weak.sign_in()
    await pat.enrol()
    refused(await weak.renew(), 401, "session-ended")
    refused(await weak.post("/v1/me/factors/totp"), 401, "invalid-token")
    refused(await weak.prove("totp", code=pat.code()), 401, "invalid-token")
    assert (await pat.renew()).status_code == 200


async def test_the_last_factor_can_be_removed_and_staff_is_warned(house: Any) -> None:
    clinic = await house.clinic()
    pat, sam = await clinic.patient(), await clinic.staff("therapist")
    for person, warned in ((pat, False), (sam, True)):
        if not person.app:
            await person.enrol()
        factor = (await person.get("/v1/me/factors")).json()["totp"]["factor"]
        answer = await person.delete(f"/v1/me/factors/{factor}")
        assert (answer.status_code, answer.json()["second_factor"]) == (200, False)
        assert bool(answer.json()["warning"]) == warned
        refused(await person.delete(f"/v1/me/factors/{factor}"), 404, "not-found")
        refused(await person.post("/v1/me/factors/backup-codes"), 409, "no-second-factor")
        person.app = None
        assert (await person.sign_in()).status_code == 201


@pytest.mark.parametrize(
    "proof",
    [
        {"method": "totp", "code": "12345"},
        {"method": "totp", "code": "12345a"},
        {"method": "password", "password": "umbrella-tortoise-lagoon"},
        {"method": "smoke-signal"},
        {},
    ],
)
async def test_bad_second_steps_are_malformed(house: Any, proof: dict[str, str]) -> None:
    wish = {"challenge": "x", "delivery": "bearer", "proof": proof}
    answer: httpx.Response = await house.visitor().post("/v1/sessions/second-factor", wish)
    assert refused(answer, 400, "malformed")["errors"][0]["field"].startswith("proof")


async def test_no_table_shows_a_secret_or_a_backup_code(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    [code, *_] = await pat.enrol()
    async with house.platform.database.worker() as tx:
        row = await (await tx.execute("select string_agg(data, '') from event")).fetchone()
    for private in (pat.app.secret, code, code.replace("-", "")):
        assert private.encode() not in bytes(row[0])
