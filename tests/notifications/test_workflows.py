"""Workflows that a clinic writes: they collect, hold back, wait, and look at what came of earlier steps."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.notifications.reader import Reader

from mindlyfe.kernel.messages import Event, PersonId
from mindlyfe.notifications.contract.workflows import (
    Condition,
    Delay,
    Digest,
    Send,
    Step,
    Throttle,
    Until,
    Workflow,
)
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentId
from mindlyfe.therapy.contract.bookings import (
    AppointmentDeclinedV1,
    AppointmentMissedV1,
    AppointmentMovedV1,
    AppointmentRequestedV1,
)

PAT, TIM, OLD = (PersonId(UUID(int=n)) for n in (12, 13, 14))
APPOINTMENT = AppointmentId(UUID(int=4))
TELL = Send(key="tell", channels=("email",))


async def defined(office: Any, *steps: Step, name: str = "appointment-booked") -> None:
    body = {"workflow": msgspec.to_builtins(Workflow(steps=steps))}
    answer = await office.put(f"/v1/workflows/{name}", "clinic-admin", json=body)
    assert answer.status_code == 200, answer.text


async def booked(office: Any, patient: PersonId | None = None) -> None:
    """Another appointment with Tim."""
    event = AppointmentBookedV1(
        appointment=AppointmentId(uuid4()),
        patient=patient or PersonId(uuid4()),
        therapist=TIM,
        starts_at=office.watch() + timedelta(days=9),
        minutes=50,
    )
    office.neighbours.diary[event.appointment] = {"starts_at": event.starts_at}
    await office.tell(event)


async def mails_to(office: Any, person: PersonId) -> list[dict[str, Any]]:
    return [one for one in await office.deliveries() if one["recipient"] == str(person)]


async def later(office: Any, **more: float) -> None:
    office.watch.ahead += timedelta(**more)
    await office.carried_out()


async def sent(office: Any) -> None:
    """All that was asked for is out."""
    async with office.sending():
        await office.pass_(seconds=office.watch.ahead.total_seconds() + 60)
        await office.settled()


async def test_a_digest_is_one_message_for_all_that_came_in_its_time(office: Any) -> None:
    await defined(office, Digest(key="gather", minutes=30), TELL)
    for _ in range(3):
        await booked(office)
    assert await mails_to(office, TIM) == []
    await later(office, minutes=31)
    assert len(await mails_to(office, TIM)) == 1
    await sent(office)
    [mail] = [one for one in office.post.mails if one["To"] == f"{TIM}@example.org"]
    assert "3 appointments are booked" in mail.get_body(("plain",)).get_content()
    await booked(office)
    await later(office, minutes=31)
    assert len(await mails_to(office, TIM)) == 2, "the next time is another message"


async def test_a_throttle_holds_back_what_is_too_much(office: Any) -> None:
    await defined(office, Throttle(key="calm", most=2, minutes=60), TELL)
    for _ in range(5):
        await booked(office)
    assert len(await mails_to(office, TIM)) == 2
    await later(office, minutes=61)
    await booked(office)
    assert len(await mails_to(office, TIM)) == 3


@pytest.mark.parametrize(("answer", "told"), [([], 1), (["554 never"], 2)])
async def test_a_second_step_looks_at_what_came_of_the_first(office: Any, answer: list[str], told: int) -> None:
    again = Send(key="again", channels=("email",), when=(Condition(step="tell", was="failed"),))
    await defined(office, TELL, Delay(key="rest", minutes=10), again)
    await booked(office, PAT)
    office.post.answers = answer * 2
    await sent(office)
    await later(office, minutes=11)
    assert len(await mails_to(office, PAT)) == told


@pytest.mark.parametrize(("looks", "told"), [(True, 0), (False, 1)])
async def test_who_has_seen_it_in_the_app_gets_no_mail_of_it(office: Any, *, looks: bool, told: int) -> None:
    reader = Reader(office)
    quietly = Send(key="quietly", channels=("in-app",))
    aloud = Send(key="aloud", channels=("email",), when=(Condition(step="quietly", was="seen", holds=False),))
    await defined(office, quietly, Delay(key="rest", minutes=10), aloud)
    await booked(office, reader.id)
    await sent(office)
    if looks:
        [notice] = (await reader.inbox())["items"]
        await reader.marks(notice["id"], "read")
    await later(office, minutes=11)
    mails = [one for one in await mails_to(office, reader.id) if one["channel"] == "email"]
    assert len(mails) == told


async def test_it_waits_for_a_time_of_the_recipients_clock(office: Any) -> None:
    office.neighbours.wishes[PAT] = {"zone": "Asia/Kathmandu"}
    local = office.watch() + timedelta(hours=5, minutes=45) + timedelta(hours=2)
    await defined(office, Until(key="then", at=f"{local:%H:%M}"), TELL)
    await booked(office, PAT)
    await later(office, minutes=118)
    assert await mails_to(office, PAT) == []
    await later(office, minutes=3)
    assert len(await mails_to(office, PAT)) == 1


AT = {"appointment": APPOINTMENT, "patient": PAT, "therapist": TIM}


@pytest.mark.parametrize(
    ("more", "event", "kind", "recipients"),
    [
        ({"was_with": OLD, "by": TIM}, AppointmentMovedV1, "appointment-moved", {PAT, TIM, OLD}),
        ({"was_with": TIM, "by": TIM}, AppointmentMovedV1, "appointment-moved", {PAT, TIM}),
        ({}, AppointmentRequestedV1, "appointment-requested", {TIM}),
        ({}, AppointmentDeclinedV1, "appointment-declined", {PAT}),
        ({"absent": PAT}, AppointmentMissedV1, "appointment-missed", {PAT}),
        ({"absent": TIM}, AppointmentMissedV1, "appointment-missed", set()),
    ],
)
async def test_what_happens_to_an_appointment_is_told(
    office: Any, more: dict[str, Any], event: type[Event], kind: str, recipients: set[PersonId]
) -> None:
    times = {"starts_at": office.watch() + timedelta(days=9), "minutes": 50}
    timed = event in (AppointmentMovedV1, AppointmentRequestedV1)
    await office.tell(event(**AT, **more, **(times if timed else {})))
    found = await office.deliveries()
    assert {one["recipient"] for one in found} == {str(person) for person in recipients}
    assert {one["kind"] for one in found} <= {kind}


async def test_each_reads_it_in_their_language(office: Any) -> None:
    office.neighbours.wishes[PAT] = {"locale": "de-CH", "zone": "Europe/Zurich"}
    office.neighbours.wishes[TIM] = {"locale": "fr", "zone": "Europe/Paris"}
    await booked(office, PAT)
    await sent(office)
    subjects = {str(mail["To"]).partition("@")[0]: mail["Subject"] for mail in office.post.mails}
    assert subjects == {str(PAT): "Ihr Termin", str(TIM): "Votre rendez-vous"}


async def test_preferences_hold_for_all_but_what_is_critical(office: Any) -> None:
    off = {"channels": {"email": False}}
    assert (await office.put("/v1/preferences", "patient", json=off, person=PAT)).status_code == 200
    await booked(office, PAT)
    assert await mails_to(office, PAT) == []
    assert len(await mails_to(office, TIM)) == 1
