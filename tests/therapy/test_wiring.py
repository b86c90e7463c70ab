"""What therapy tells other contexts and answers them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec.structs import replace

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Cursor, PersonId, Recorded, TenantId
from mindlyfe.therapy.contract import (
    AppointmentBookedV1,
    AppointmentCancelledV1,
    AppointmentId,
    Appointments,
    AppointmentView,
)
from mindlyfe.therapy.contract.bookings import (
    AppointmentDeclinedV1,
    AppointmentMissedV1,
    AppointmentMovedV1,
    AppointmentRequestedV1,
)
from mindlyfe.therapy.domain.appointment import (
    AbsenceTakenBack,
    Booked,
    Cancelled,
    Confirmed,
    Declined,
    Fulfilled,
    Missed,
    Moved,
    Requested,
)
from mindlyfe.therapy.domain.availability import HoursPublished
from mindlyfe.therapy.wiring import GRANTS, published

APPOINTMENT = AppointmentId(UUID(int=1))
NINE = datetime.fromisoformat("2026-06-02T09:00:00Z")
PEOPLE: dict[str, Any] = {"patient": PersonId(UUID(int=2)), "therapist": PersonId(UUID(int=3))}
DESK = PersonId(UUID(int=4))
OF: dict[str, Any] = {"appointment": APPOINTMENT, **PEOPLE}
TIME: dict[str, Any] = {"starts_at": NINE, "minutes": 50}


def recorded(event: Any) -> Recorded[Any]:
    nobody, tenant = PersonId(UUID(int=2)), TenantId(UUID(int=9))
    return Recorded(
        tenant=tenant,
        stream=APPOINTMENT,
        version=1,
        event=event,
        at=NINE,
        cursor=Cursor(),
        actor=nobody,
        correlation="",
    )


def test_booking_and_cancelling_are_told_without_the_reason() -> None:
    booked = Booked(patient=PEOPLE["patient"], therapist=PEOPLE["therapist"], starts_at=NINE, minutes=50)
    assert published(recorded(booked)) == AppointmentBookedV1(
        appointment=APPOINTMENT, **PEOPLE, starts_at=NINE, minutes=50
    )
    cancelled = Cancelled(**PEOPLE, by=PEOPLE["therapist"], reason="secret", late=True)
    assert published(recorded(cancelled)) == AppointmentCancelledV1(
        appointment=APPOINTMENT, **PEOPLE, by=PEOPLE["therapist"], late=True
    )


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Requested(**PEOPLE, **TIME, lapses_at=NINE), AppointmentRequestedV1(**OF, **TIME)),
        (Confirmed(**PEOPLE, **TIME, by=DESK), AppointmentBookedV1(**OF, **TIME)),
        (Declined(**PEOPLE, by=DESK, reason="secret"), AppointmentDeclinedV1(**OF)),
        (
            Moved(**PEOPLE, **TIME, was_with=DESK, reason="secret"),
            AppointmentMovedV1(**OF, **TIME, was_with=DESK, by=PEOPLE["patient"]),
        ),
        (
            Moved(**PEOPLE, **TIME, was_with=DESK, reason="secret", by=DESK),
            AppointmentMovedV1(**OF, **TIME, was_with=DESK, by=DESK),
        ),
        (
            Moved(**PEOPLE, **TIME, was_with=PEOPLE["therapist"], reason="secret", lapses_at=NINE),
            AppointmentRequestedV1(**OF, **TIME),
        ),
        (
            Missed(**PEOPLE, absent=PEOPLE["patient"], by=DESK, at=NINE),
            AppointmentMissedV1(**OF, absent=PEOPLE["patient"]),
        ),
        (AbsenceTakenBack(**PEOPLE, by=DESK), None),
        (Fulfilled(**PEOPLE, by=DESK), None),
    ],
)
def test_what_becomes_of_an_appointment_is_told_without_the_reason(event: Any, told: Any) -> None:
    assert published(recorded(event)) == told
    assert b"secret" not in msgspec.json.encode(told)


def test_hours_are_nobody_elses_business() -> None:
    hours = HoursPublished(
        therapist=PEOPLE["therapist"], zone="UTC", windows=(), minutes=50, notice_minutes=0, horizon_days=1
    )
    assert published(recorded(hours)) is None


def test_no_permission_is_for_everybody() -> None:
    assert all(GRANTS.values())
    assert all(not roles & {"service", "operator"} for roles in GRANTS.values())


async def test_other_contexts_ask_for_an_appointment_of_their_tenant(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), AppointmentId(uuid4())
    await patient.book(therapist, tomorrow, appointment)
    answer: Appointments = clinic.module.answers[Appointments]
    people = {"patient": patient.id, "therapist": therapist.id}
    expected = AppointmentView(id=appointment, **people, starts_at=tomorrow, minutes=60, status="booked")
    found = await answer.appointment(tenant=clinic.tenant, appointment=appointment)
    assert found.updated_at
    assert replace(found, updated_at=None) == expected
    for tenant, wanted in ((TenantId(uuid4()), appointment), (clinic.tenant, AppointmentId(uuid4()))):
        with pytest.raises(NotFound):
            await answer.appointment(tenant=tenant, appointment=wanted)
