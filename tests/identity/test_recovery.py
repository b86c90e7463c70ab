"""A lost password over HTTP: a link by mail, once, within the hour; it tells nobody who has an account."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from mindlyfe.identity.contract import InvitationIssuedV1, Links
from mindlyfe.identity.contract.flows import PasswordChangedV1, RecoveryAskedV1
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.kernel.testing.answers import refused

PASSWORD, NEW = "umbrella-tortoise-lagoon", "lantern-gravel-sonnet"
ASK, COMPLETE = "/v1/recoveries", "/v1/recoveries/completion"


async def code(house: Any) -> str:
    """The code in the newest recovery mail."""
    _, asked = await house.newest(RecoveryAskedV1)
    link = await house.module.answers[Links].recovery(person=asked.person)
    assert link.url.startswith("http://localhost:8080/recover#code=")
    return str(link.url.split("#code=")[1])


async def asked(house: Any, email: str = "pat@mail.example") -> str:
    assert (await house.visitor().post(ASK, {"email": email})).status_code == 202
    return await code(house)


async def told(house: Any, kind: type) -> int:
    return len([event for _, event in await house.published() if isinstance(event, kind)])


async def test_asvs_6_4_3_a_lost_password_is_replaced_by_the_link_in_the_mail(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    wish = {"code": await asked(house, "PAT@mail.example"), "password": NEW}
    answer = await house.visitor().post(COMPLETE, wish)
    assert (answer.status_code, answer.json()) == (200, {"status": "renewed"})
    assert "set-cookie" not in answer.headers
    assert (await pat.sign_in(PASSWORD)).status_code == 401
    assert (await pat.sign_in(NEW)).status_code == 201
    tenant, changed = await house.newest(PasswordChangedV1)
    assert (tenant, str(changed.person)) == (REGION, pat.id)


async def test_asvs_7_4_3_a_recovery_ends_every_session_of_the_person_alone(house: Any) -> None:
    clinic = await house.clinic()
    pat, phone = await clinic.patient("pat@mail.example"), house.visitor()
    phone.email = pat.email
    await phone.sign_in()
    await house.visitor().post(COMPLETE, {"code": await asked(house), "password": NEW})
    for one in (pat, phone):
        refused(await one.renew(), 401, "session-ended")
    assert (await clinic.admin.renew()).status_code == 200


async def test_asvs_6_5_1_a_code_works_once(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    wish = {"code": await asked(house), "password": NEW}
    assert (await house.visitor().post(COMPLETE, wish)).status_code == 200
    again = wish | {"password": "another-long-password"}
    refused(await house.visitor().post(COMPLETE, again), 409, "code-used")
    assert (await pat.sign_in(NEW)).status_code == 201
    assert await told(house, PasswordChangedV1) == 1


async def test_of_two_at_the_same_moment_one_chooses_the_password(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    sent, words = await asked(house), ("first-long-password", "second-long-password")
    answers = await asyncio.gather(
        *(house.visitor().post(COMPLETE, {"code": sent, "password": word}) for word in words)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [won] = [word for word, answer in zip(words, answers, strict=True) if answer.status_code == 200]
    assert (await pat.sign_in(won)).status_code == 201


async def test_repeated_by_its_key_it_is_done_once(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.patient("pat@mail.example")
    wish, visitor = {"code": await asked(house), "password": NEW}, house.visitor()
    for _ in range(2):
        assert (await visitor.post(COMPLETE, wish, idempotency_key="r")).status_code == 200
    assert await told(house, PasswordChangedV1) == 1
    other = {"code": await asked(house), "password": "another-long-password"}
    refused(await visitor.post(COMPLETE, other, idempotency_key="r"), 422, "idempotency-key-reused")


async def test_asvs_6_4_1_a_code_ends_after_an_hour(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.patient("pat@mail.example")
    wish = {"code": await asked(house), "password": NEW}
    house.clock.pass_(minutes=60)
    refused(await house.visitor().post(COMPLETE, wish), 410, "code-expired")


async def test_a_newer_request_voids_the_code_before(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.patient("pat@mail.example")
    first, second = await asked(house), await asked(house)
    refused(await house.visitor().post(COMPLETE, {"code": first, "password": NEW}), 410, "code-expired")
    assert (await house.visitor().post(COMPLETE, {"code": second, "password": NEW})).status_code == 200


async def test_a_change_of_password_voids_the_code(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    sent = await asked(house)
    change = {"current_password": PASSWORD, "new_password": NEW}
    assert (await pat.put("/v1/me/password", change)).status_code == 204
    wish = {"code": sent, "password": "another-long-password"}
    refused(await house.visitor().post(COMPLETE, wish), 410, "code-expired")
    assert (await pat.sign_in(NEW)).status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "problem"),
    [
        ({"code": "nonsense"}, 400, "code-invalid"),
        ({"password": "short"}, 422, "weak-password"),
        ({"password": "1qaz2wsx3edc"}, 422, "weak-password"),
        ({"password": "pat-mail-example"}, 422, "weak-password"),
        ({"surprise": "x"}, 400, "malformed"),
    ],
)
async def test_what_cannot_be_right_leaves_the_code_good(
    house: Any, change: dict[str, str], status: int, problem: str
) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    wish = {"code": await asked(house), "password": NEW}
    refused(await house.visitor().post(COMPLETE, wish | change), status, problem)
    assert (await pat.renew()).status_code == 200
    assert (await house.visitor().post(COMPLETE, wish)).status_code == 200


async def test_a_code_for_something_else_renews_no_password(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.staff("therapist")
    other = await house.mailed_code(InvitationIssuedV1)
    refused(await house.visitor().post(COMPLETE, {"code": other, "password": NEW}), 400, "code-invalid")
    refused(await house.visitor().post(ASK, {"email": "a，b@mail.example"}), 400, "malformed")


async def test_the_code_of_somebody_erased_is_none(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    sent = await asked(house)
    await house.platform.keys.erase(REGION, PersonId(UUID(pat.id)))
    refused(await house.visitor().post(COMPLETE, {"code": sent, "password": NEW}), 400, "code-invalid")


async def test_nobody_is_flooded_with_mail_and_one_client_does_not_ask_for_all(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.patient("pat@mail.example")
    before = await told(house, RecoveryAskedV1)
    for _ in range(8):
        assert (await house.visitor().post(ASK, {"email": "pat@mail.example"})).status_code == 202
    # a registration's mail, which anybody may ask for, is not one of them
    assert await told(house, RecoveryAskedV1) - before == 5
    for number in range(92):
        await house.visitor().post(ASK, {"email": f"p{number}@mail.example"})
    refused(await house.visitor().post(ASK, {"email": "pat@mail.example"}), 429, "too-many-requests")
    house.cache.away = True
    assert (await house.visitor().post(ASK, {"email": "pat@mail.example"})).status_code == 202


async def test_a_key_means_one_request(house: Any) -> None:
    clinic, visitor = await house.clinic(), house.visitor()
    await clinic.patient("pat@mail.example")
    for _ in range(2):
        await visitor.post(ASK, {"email": "pat@mail.example"}, idempotency_key="k")
    assert await told(house, RecoveryAskedV1) == 1
    other = await visitor.post(ASK, {"email": "nobody@mail.example"}, idempotency_key="k")
    refused(other, 422, "idempotency-key-reused")
