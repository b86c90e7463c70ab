"""What others tell makes one delivery per recipient, however often they say it."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract import InvitationIssuedV1, RegistrationRepeatedV1, RegistrationStartedV1
from mindlyfe.identity.contract.handovers import CaseloadHandedOverV1
from mindlyfe.kernel.messages import SYSTEM, ByMessage, Event, Heard, MessageId, PersonId
from mindlyfe.kernel.telemetry import started, trace_id
from mindlyfe.kernel.testing.principals import act
from mindlyfe.notifications.domain.flags import BOOKINGS_TO_THERAPISTS
from mindlyfe.notifications.domain.reaching import IN_APP
from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
PAT, TIM = PersonId(UUID(int=2)), PersonId(UUID(int=3))
APPOINTMENT = AppointmentId(UUID(int=4))
CANCELLED = AppointmentCancelledV1(appointment=APPOINTMENT, patient=PAT, therapist=TIM, by=PAT, late=False)


@pytest.mark.parametrize(
    ("event", "kind", "recipients"),
    [
        (RegistrationStartedV1(person=PAT, flow=UUID(int=5)), "address-verification", [PAT]),
        (RegistrationRepeatedV1(person=PAT), "registration-repeated", [PAT]),
        (InvitationIssuedV1(invitation=UUID(int=6)), "staff-invitation", [None]),
        (InvitationIssuedV1(invitation=UUID(int=6), patient=True), "patient-invitation", [None]),
        (CANCELLED, "appointment-cancelled", [PAT, TIM]),
    ],
)
async def test_a_message_that_comes_twice_makes_one_delivery_each(
    office: Any, event: Event, kind: str, recipients: list[UUID | None]
) -> None:
    await office.tell(event)
    found = await office.deliveries()
    assert sorted(str(one["recipient"]) for one in found) == sorted(str(one) for one in recipients)
    assert {(one["kind"], one["status"], one["attempts"]) for one in found} == {(kind, "waiting", 0)}
    recorded = await office.recorded()
    assert [r.version for r in recorded if r.event.channel == "email"] == [1] * len(recipients)
    in_app = len(recipients) if kind in IN_APP else 0
    assert [r.version for r in recorded if r.event.channel == "in-app"] == [1] * in_app


async def test_a_handover_is_told_to_both_clinicians_in_their_own_words(office: Any) -> None:
    await office.tell(CaseloadHandedOverV1(handover=UUID(int=7), giver=PAT, receiver=TIM))
    found = {one["recipient"]: one["kind"] for one in await office.deliveries()}
    assert found == {str(PAT): "caseload-handed-over", str(TIM): "caseload-received"}


async def test_a_booking_is_told_to_both(office: Any) -> None:
    booked = await office.book()
    assert {one["recipient"] for one in await office.deliveries()} == {str(booked.patient), str(booked.therapist)}


async def test_a_clinic_leaves_out_telling_therapists_of_bookings_but_not_of_cancellations(office: Any) -> None:
    await office.flags.set(BOOKINGS_TO_THERAPISTS, False, act(office.tenant))
    booked = await office.book()
    assert {one["recipient"] for one in await office.deliveries()} == {str(booked.patient)}
    await office.tell(CANCELLED)
    assert str(TIM) in {one["recipient"] for one in await office.deliveries()}


async def test_a_reaction_that_runs_twice_at_once_has_one_effect(office: Any) -> None:
    message = MessageId(uuid4())
    once = ByMessage("notifications.test", message)
    heard = Heard(
        event=CANCELLED, message=message, stream=APPOINTMENT, version=2, at=NINE, act=act(office.tenant, once=once)
    )
    react = office.module.hears[AppointmentCancelledV1]
    await asyncio.gather(react(heard), react(heard), react(heard))
    await office.carried_out()
    assert len(await office.recorded()) == 2 * 2


async def test_two_messages_are_two_deliveries(office: Any) -> None:
    await office.tell(RegistrationRepeatedV1(person=PAT), RegistrationRepeatedV1(person=PAT))
    assert len(await office.deliveries()) == 2


async def test_the_one_is_told_though_the_other_was_erased(office: Any) -> None:
    await office.keys.erase(office.tenant, PAT)
    await office.tell(CANCELLED)
    assert [one["recipient"] for one in await office.deliveries()] == [str(TIM)]


async def test_the_trace_runs_from_the_event_to_the_record(office: Any) -> None:
    cause = started()
    async with office.sending():
        await office.tell(RegistrationRepeatedV1(person=PAT), correlation=cause)
        await office.until(PAT, "sent", 1)
    recorded = await office.recorded()
    assert [type(r.event).__name__ for r in recorded] == ["Requested", "Sent"]
    assert {trace_id(r.correlation) for r in recorded} == {trace_id(cause)}
    assert {r.actor for r in recorded} == {SYSTEM}
