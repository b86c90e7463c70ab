"""Receipts by signed webhook: in any order, twice, forged, too large, about nobody."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.rebuild import rebuilds
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.notifications.domain.signing import mail_signature, sms_signature

SMS, EMAIL = "/v1/receipts/sms", "/v1/receipts/email"
GONE: dict[str, Any] = {"event": "bounced", "code": "5.1.1", "hard": True}


async def posted(office: Any, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
    answer: httpx.Response = await office.doorway.client.post(path, content=content, headers=headers)
    return answer


async def mail_receipt(office: Any, delivery: UUID, at: datetime | None = None, **told: Any) -> httpx.Response:
    """As a provider sends it."""
    body = {"message_id": f"<{delivery}@harbour.example>", "at": at or datetime.now(UTC), "event": "delivered"} | told
    content, timestamp = msgspec.json.encode(body), str(int(datetime.now(UTC).timestamp()))
    signature = mail_signature(office.secret, timestamp, content)
    headers = {"x-receipt-timestamp": timestamp, "x-receipt-signature": signature, "content-type": "application/json"}
    return await posted(office, EMAIL, content, headers)


async def text_receipt(office: Any, delivery: UUID, token: str = "", **form: str) -> httpx.Response:
    """As Twilio sends it."""
    path = f"{SMS}?provider=gateway&delivery={delivery}"
    signature = sms_signature(token or office.secret, office.settings.public_url + path, form.items())
    headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}
    return await posted(office, path, urlencode(form).encode(), headers)


async def out(office: Any, person: PersonId) -> UUID:
    """A courtesy that was sent."""
    delivery: UUID = await office.request(person, kind="export-ready")
    async with office.sending():
        await office.until(person, "sent", 1)
    return delivery


async def what_happened(office: Any, delivery: UUID) -> list[str]:
    shown = (await office.get(f"/v1/deliveries/{delivery}", "clinic-admin")).json()
    return [step["what"] for step in shown["steps"]]


async def test_a_receipt_is_part_of_the_story_once(office: Any) -> None:
    person = PersonId(uuid4())
    delivery = await out(office, person)
    for _ in range(2):
        assert (await mail_receipt(office, delivery)).status_code == 204
    assert (await what_happened(office, delivery))[-2:] == ["handed-over", "delivered"]
    assert (await office.of(person))["receipt"] == "delivered"


@pytest.mark.parametrize("turned", [False, True])
async def test_the_later_one_counts_in_whatever_order_they_come(office: Any, turned: bool) -> None:
    person = PersonId(uuid4())
    delivery = await out(office, person)
    earlier = datetime.now(UTC) - timedelta(minutes=1)
    arrived: dict[str, Any] = {"at": earlier}
    back: dict[str, Any] = {"at": earlier + timedelta(seconds=1), **GONE}
    for told in (back, arrived) if turned else (arrived, back):
        assert (await mail_receipt(office, delivery, **told)).status_code == 204
    assert (await office.of(person))["receipt"] == "bounced"
    for rebuild in rebuilds(Log(office.database, office.keys, office.module.streams), office.module.streams):
        assert await rebuild.compare() == []


async def test_where_nothing_arrives_no_courtesies_are_sent_until_something_does(office: Any) -> None:
    person = PersonId(uuid4())
    delivery = await out(office, person)
    await mail_receipt(office, delivery, at=datetime.now(UTC) - timedelta(minutes=1), **GONE)
    courtesy = await office.request(person, kind="export-ready")
    guard = await office.request(person, kind="password-changed")
    async with office.sending():
        await office.settled()
    shown = {one["id"]: (one["status"], one["last_error"]) for one in await office.deliveries()}
    assert shown[str(courtesy)] == ("dead", "address-bounced")
    assert shown[str(guard)] == ("sent", ""), "what guards an account has no other way"

    await mail_receipt(office, guard)
    assert (await office.ask(f"/v1/deliveries/{courtesy}/redrive", "clinic-admin")).status_code == 200
    async with office.sending():
        await office.settled()
    assert {one["status"] for one in await office.deliveries()} == {"sent"}


async def test_a_full_mailbox_is_no_reason_to_stop(office: Any) -> None:
    person = PersonId(uuid4())
    delivery = await out(office, person)
    await mail_receipt(office, delivery, event="bounced", code="4.2.2")
    await out(office, PersonId(uuid4()))
    await office.request(person, kind="export-ready")
    async with office.sending():
        await office.settled()
    assert {one["status"] for one in await office.deliveries()} == {"sent"}


async def test_a_hard_bounce_is_told_to_the_others(office: Any) -> None:
    person = PersonId(uuid4())
    delivery = await out(office, person)
    await mail_receipt(office, delivery, **GONE)
    told = [event for one in await office.recorded() if (event := office.module.publishes(one))]
    assert [(one.delivery, one.recipient, one.channel) for one in told] == [(delivery, person, "email")]


async def test_nothing_of_an_erased_person_is_put_on_record(office: Any) -> None:
    person = PersonId(uuid4())
    delivery = await out(office, person)
    await office.keys.erase(office.tenant, person)
    before = len(await office.recorded())
    assert (await mail_receipt(office, delivery)).status_code == 204
    assert len(await office.recorded()) == before


async def test_a_receipt_for_what_is_not_here_is_taken_and_left_alone(office: Any) -> None:
    for message in (f"<{uuid4()}@harbour.example>", "<somebody@else.example>", ""):
        assert (await mail_receipt(office, uuid4(), message_id=message)).status_code == 204
    assert await office.recorded() == []


async def test_a_text_is_followed_by_its_providers_words(office: Any) -> None:
    person = PersonId(uuid4())
    delivery = await office.request(person, "sms")
    await text_receipt(office, delivery, MessageStatus="sent", MessageSid="SM1")
    assert await what_happened(office, delivery) == ["requested"]
    for _ in range(2):
        answer = await text_receipt(office, delivery, MessageStatus="failed", ErrorCode="30005", MessageSid="SM1")
        assert answer.status_code == 204
    assert await what_happened(office, delivery) == ["requested", "bounced"]


async def test_many_receipts_at_once_are_one(office: Any) -> None:
    delivery = await out(office, PersonId(uuid4()))
    answers = await asyncio.gather(*(mail_receipt(office, delivery) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {204}
    assert (await what_happened(office, delivery)).count("delivered") == 1


async def test_a_text_receipt_is_refused(office: Any) -> None:
    delivery = await out(office, PersonId(uuid4()))
    before = await office.recorded()
    path = f"{SMS}?provider=gateway&delivery={delivery}"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    form = {"MessageStatus": "delivered"}

    refused(await text_receipt(office, delivery, token="another", **form), 403, "bad-signature")
    refused(await posted(office, path, b"MessageStatus=delivered", kind), 403, "bad-signature")
    signed = {"x-twilio-signature": sms_signature(office.secret, office.settings.public_url + path, form.items())}
    other = f"{SMS}?provider=gateway&delivery={uuid4()}"
    refused(await posted(office, other, b"MessageStatus=delivered", kind | signed), 403, "bad-signature")
    refused(await posted(office, path, b"MessageStatus=failed", kind | signed), 403, "bad-signature")
    unknown = path.replace("gateway", "nobody")
    refused(await posted(office, unknown, b"MessageStatus=delivered", kind | signed), 403, "bad-signature")
    refused(await posted(office, path, b"a=%ff", kind), 400, "malformed")
    refused(await posted(office, path, "ü=1".encode(), kind), 400, "malformed")
    refused(await posted(office, path, b"a=1&" * 101, kind), 400, "malformed")
    refused(await posted(office, f"{SMS}?provider=gateway", b"", kind), 400, "malformed")
    refused(await posted(office, path, b"x" * 16_385, kind), 413, "too-large")
    assert await office.recorded() == before


async def test_a_mail_receipt_is_refused(office: Any) -> None:
    delivery = await out(office, PersonId(uuid4()))
    before = await office.recorded()
    now = int(datetime.now(UTC).timestamp())
    body = msgspec.json.encode(
        {"message_id": f"<{delivery}@harbour.example>", "at": datetime.now(UTC), "event": "delivered"}
    )

    def signed(timestamp: int, content: bytes, secret: str = office.secret) -> dict[str, str]:
        signature = mail_signature(secret, str(timestamp), content)
        return {"x-receipt-timestamp": str(timestamp), "x-receipt-signature": signature}

    refused(await posted(office, EMAIL, body, {}), 403, "bad-signature")
    refused(await posted(office, EMAIL, body, signed(now, body, "another")), 403, "bad-signature")
    refused(await posted(office, EMAIL, body + b" ", signed(now, body)), 403, "bad-signature")
    refused(await posted(office, EMAIL, body, signed(now - 301, body)), 403, "bad-signature")
    refused(await posted(office, EMAIL, body, signed(now + 302, body)), 403, "bad-signature")
    for wrong in (b"", b"[]", b"{", b'{"event":"read"}', b"\xff"):
        refused(await posted(office, EMAIL, wrong, signed(now, wrong)), 400, "malformed")
    refused(await posted(office, EMAIL, b"x" * 16_385, {}), 413, "too-large")
    assert await office.recorded() == before
