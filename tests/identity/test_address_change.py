"""Another address over HTTP: the account moves when the new one is proved, and the old one can stop it."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract import Contact, Links, Organisations, Recipients
from mindlyfe.identity.contract.flows import AddressChangeAskedV1, AddressChangedV1
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.kernel.testing.answers import refused

PASSWORD, NEW = "umbrella-tortoise-lagoon", "lantern-gravel-sonnet"
ASK, CONFIRM, CANCEL = "/v1/me/address-change", "/v1/address-changes/confirmation", "/v1/address-changes/cancellation"
OLD_ADDRESS, NEW_ADDRESS = "pat@mail.example", "patricia@other.example"


def after(url: str, page: str) -> dict[str, str]:
    assert url.startswith(f"http://localhost:8080/{page}#code="), url
    return {"code": url.split("#code=")[1]}


async def asked(house: Any, who: Any, email: str = NEW_ADDRESS) -> AddressChangeAskedV1:
    answer = await who.post(ASK, {"email": email})
    assert answer.status_code == 202, answer.text
    tenant, event = await house.newest(AddressChangeAskedV1)
    assert (tenant, str(event.person)) == (REGION, who.id)
    return event  # type: ignore[no-any-return]


async def proof(house: Any, event: AddressChangeAskedV1) -> dict[str, str]:
    link = await house.module.answers[Links].address_change(person=event.person, ask=event.ask)
    return after(link.url, "address-change")


async def stop(house: Any, event: AddressChangeAskedV1) -> dict[str, str]:
    link = await house.module.answers[Links].address_change_stop(person=event.person, ask=event.ask)
    return after(link.url, "address-change/cancel")


async def signs_in(house: Any, email: str, password: str = PASSWORD) -> bool:
    somebody = house.visitor()
    somebody.email = email
    return bool((await somebody.sign_in(password)).status_code == 201)


async def test_asvs_6_3_7_the_account_moves_when_the_new_address_is_proved_and_the_old_is_told(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    event = await asked(house, pat)
    assert await signs_in(house, OLD_ADDRESS)
    assert not await signs_in(house, NEW_ADDRESS)
    for _ in ("scanner", "person"):
        answer = await house.visitor().post(CONFIRM, await proof(house, event))
        assert (answer.status_code, answer.json()) == (200, {"status": "changed"})
    assert await signs_in(house, NEW_ADDRESS)
    assert not await signs_in(house, OLD_ADDRESS)
    assert (await pat.get("/v1/me")).json()["email"] == NEW_ADDRESS
    told = [one for _, one in await house.published() if isinstance(one, AddressChangedV1)]
    assert told == [AddressChangedV1(person=event.person, ask=event.ask)]


async def test_mail_reaches_the_old_and_the_new_address_of_each_request(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    first = await asked(house, pat)
    await house.visitor().post(CONFIRM, await proof(house, first))
    second = await asked(house, pat, "third@other.example")
    recipients = house.module.answers[Recipients]
    for event, old, new in ((first, OLD_ADDRESS, NEW_ADDRESS), (second, NEW_ADDRESS, "third@other.example")):
        for is_old, email in ((True, old), (False, new)):
            contact = await recipients.moving(person=event.person, ask=event.ask, old=is_old)
            assert contact == Contact("Pat", email, "en-GB", "Europe/London")
    assert (await house.module.answers[Organisations].home(person=first.person)).id == clinic.tenant


async def test_the_old_address_stops_it(house: Any) -> None:
    clinic = await house.clinic()
    event = await asked(house, await clinic.patient(OLD_ADDRESS))
    code = await proof(house, event)
    for _ in range(2):
        answer = await house.visitor().post(CANCEL, await stop(house, event))
        assert (answer.status_code, answer.json()) == (200, {"status": "cancelled"})
    refused(await house.visitor().post(CONFIRM, code), 410, "code-expired")
    assert await signs_in(house, OLD_ADDRESS)


async def test_what_is_done_cannot_be_stopped_and_says_so(house: Any) -> None:
    clinic = await house.clinic()
    event = await asked(house, await clinic.patient(OLD_ADDRESS))
    code = await stop(house, event)
    await house.visitor().post(CONFIRM, await proof(house, event))
    problem = refused(await house.visitor().post(CANCEL, code), 409, "code-used")
    assert "call the clinic" in problem["detail"]


async def test_codes_end_after_a_day_and_with_a_newer_request(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    first = await asked(house, pat)
    codes = await proof(house, first), await stop(house, first)
    second = await asked(house, pat, "second@other.example")
    for path, code in zip((CONFIRM, CANCEL), codes, strict=True):
        refused(await house.visitor().post(path, code), 410, "code-expired")
    late = await proof(house, second), await stop(house, second)
    house.clock.pass_(hours=24, seconds=1)  # the second one ends a second later: no two end alike
    for path, code in zip((CONFIRM, CANCEL), late, strict=True):
        refused(await house.visitor().post(path, code), 410, "code-expired")
    assert await signs_in(house, OLD_ADDRESS)


async def test_a_new_password_voids_the_request(house: Any) -> None:
    """An intruder asked; the owner, warned at the old address, chooses another password."""
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    event = await asked(house, pat)
    await pat.put("/v1/me/password", {"current_password": PASSWORD, "new_password": NEW})
    refused(await house.visitor().post(CONFIRM, await proof(house, event)), 410, "code-expired")
    assert await signs_in(house, OLD_ADDRESS, NEW)


async def test_asvs_7_5_1_it_needs_a_recent_sign_in(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    house.clock.pass_(minutes=9, seconds=59)
    assert (await pat.post(ASK, {"email": NEW_ADDRESS})).status_code == 202
    house.clock.pass_(seconds=2)
    await pat.renew()
    refused(await pat.post(ASK, {"email": NEW_ADDRESS}), 403, "sign-in-too-old")


async def test_asvs_6_3_8_the_caller_does_not_learn_whose_an_address_is(house: Any) -> None:
    clinic = await house.clinic()
    pat, tim = await clinic.patient(OLD_ADDRESS), await clinic.patient("tim@mail.example")
    free = await pat.post(ASK, {"email": "free@mail.example"})
    taken = await pat.post(ASK, {"email": "TIM@mail.example"})
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    _, event = await house.newest(AddressChangeAskedV1)
    assert str(event.owner) == tim.id
    with pytest.raises(NotFound):
        await proof(house, event)
    assert await stop(house, event)
    assert await signs_in(house, "tim@mail.example")


async def test_an_address_that_is_taken_meanwhile_is_refused_and_the_one_left_is_free(house: Any) -> None:
    clinic = await house.clinic()
    pat, tim = await clinic.patient(OLD_ADDRESS), await clinic.patient("tim@mail.example")
    one, two = await asked(house, pat), await asked(house, tim)
    codes = [await proof(house, event) for event in (one, two)]
    answers = await asyncio.gather(*(house.visitor().post(CONFIRM, code) for code in codes))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused(next(answer for answer in answers if answer.status_code == 409), 409, "address-taken")
    moved, stayed = (
        (OLD_ADDRESS, "tim@mail.example") if answers[0].status_code == 200 else ("tim@mail.example", OLD_ADDRESS)
    )
    assert await signs_in(house, stayed)
    assert not await signs_in(house, moved)
    await clinic.patient(moved)


async def test_another_spelling_of_ones_own_address_is_a_move(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    event = await asked(house, pat, "Pat@Mail.example")
    assert event.owner is None
    assert (await house.visitor().post(CONFIRM, await proof(house, event))).status_code == 200
    assert (await pat.get("/v1/me")).json()["email"] == "Pat@Mail.example"


@pytest.mark.parametrize("path", [CONFIRM, CANCEL])
async def test_a_code_for_something_else_does_nothing(house: Any, path: str) -> None:
    clinic = await house.clinic()
    event = await asked(house, await clinic.patient(OLD_ADDRESS))
    other = await stop(house, event) if path == CONFIRM else await proof(house, event)
    for code in (other, {"code": "nonsense"}):
        refused(await house.visitor().post(path, code), 400, "code-invalid")
    good = await proof(house, event) if path == CONFIRM else await stop(house, event)
    await house.platform.keys.erase(REGION, event.person)
    refused(await house.visitor().post(path, good), 400, "code-invalid")


async def test_nobody_is_flooded(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    for number in range(5):
        assert (await pat.post(ASK, {"email": f"p{number}@mail.example"})).status_code == 202
    refused(await pat.post(ASK, {"email": "one-more@mail.example"}), 429, "too-many-requests")
    refused(await clinic.admin.post(ASK, {"email": "a，b@mail.example"}), 400, "malformed")


async def test_keys_mean_one_request(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    for _ in range(2):
        assert (await pat.post(ASK, {"email": NEW_ADDRESS}, idempotency_key="a")).status_code == 202
    told = [one for _, one in await house.published() if isinstance(one, AddressChangeAskedV1)]
    assert len(told) == 1
    refused(await pat.post(ASK, {"email": "x@mail.example"}, idempotency_key="a"), 422, "idempotency-key-reused")
    visitor, codes = house.visitor(), (await proof(house, told[0]), await stop(house, told[0]))
    assert (await visitor.post(CANCEL, codes[1], idempotency_key="c")).status_code == 200
    again = await asked(house, pat, "other@mail.example")
    refused(await visitor.post(CANCEL, await stop(house, again), idempotency_key="c"), 422, "idempotency-key-reused")
    assert (await visitor.post(CONFIRM, await proof(house, again), idempotency_key="d")).status_code == 200
    third = await asked(house, pat, "third@mail.example")
    refused(await visitor.post(CONFIRM, await proof(house, third), idempotency_key="d"), 422, "idempotency-key-reused")


async def test_who_is_unknown_is_not_found(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient(OLD_ADDRESS)
    links, nobody = house.module.answers[Links], PersonId(uuid4())
    for question in (
        links.recovery(person=nobody),
        links.recovery(person=PersonId(UUID(pat.id))),
        links.address_change(person=nobody, ask=uuid4()),
        links.address_change_stop(person=PersonId(UUID(pat.id)), ask=uuid4()),
        house.module.answers[Recipients].moving(person=nobody, ask=uuid4(), old=True),
        house.module.answers[Organisations].home(person=nobody),
    ):
        with pytest.raises(NotFound):
            await question
