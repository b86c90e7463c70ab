"""Appointments put together: streams, routes, workers, and what is published of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from litestar import Router

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.messages import Event, Recorded
from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Projection, Streams
from mindlyfe.therapy.adapters.http import appointments as appointment_routes
from mindlyfe.therapy.adapters.http import changes as change_routes
from mindlyfe.therapy.adapters.http import displacing as displacing_routes
from mindlyfe.therapy.adapters.http import holds as hold_routes
from mindlyfe.therapy.adapters.meeting import Meeting
from mindlyfe.therapy.adapters.premises import Premises
from mindlyfe.therapy.adapters.teams import Teams
from mindlyfe.therapy.adapters.upcoming import UpcomingAppointments
from mindlyfe.therapy.application.appointments import Appointments
from mindlyfe.therapy.application.displacing import Displacing
from mindlyfe.therapy.application.holding import Holding
from mindlyfe.therapy.application.lapsing import Lapsing
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1, AppointmentId
from mindlyfe.therapy.contract.bookings import (
    AppointmentDeclinedV1,
    AppointmentMissedV1,
    AppointmentMovedV1,
    AppointmentRequestedV1,
)
from mindlyfe.therapy.domain.appointment import (
    Appointment,
    Booked,
    Cancelled,
    Change,
    Confirmed,
    Declined,
    Missed,
    Moved,
    Requested,
    evolve,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointing:
    """What the context's wiring takes over."""

    routes: Sequence[Router]
    appointments: Appointments
    lapsing: Lapsing
    platform: Platform

    @classmethod
    def of(
        cls, p: Platform, streams: Streams[Appointment, Change], meets: Meeting, premises: Premises, reach: Reach
    ) -> Self:
        """Put it together."""
        appointments = Appointments(
            streams=streams,
            published=meets.timetable,
            engagements=meets.engagements,
            types=premises.types,
            rooms=premises.rooms,
            patients=p.asks.of(Patients),
            reach=reach,
            clock=p.clock,
        )
        upcoming = UpcomingAppointments(p.database)
        displacing = Displacing(appointments=appointments, planned=upcoming, teams=Teams(p.database), clock=p.clock)
        holding = Holding(streams=streams, appointments=appointments, clock=p.clock)
        return cls(
            routes=[
                *appointment_routes.routes(appointments),
                *change_routes.routes(appointments),
                hold_routes.routes(holding),
                *displacing_routes.routes(displacing),
            ],
            appointments=appointments,
            lapsing=Lapsing(streams=streams, requests=upcoming, clock=p.clock),
            platform=p,
        )

    async def lapse(self) -> None:
        """Let requests lapse until cancelled, in one process at a time."""
        await alone(self.platform.database, "requests", self.lapsing.run)


def streams(p: Platform, *kept: Projection[Change]) -> Streams[Appointment, Change]:
    """The streams of appointments; the calendar, and what else is kept in their transactions."""
    return Streams(
        p.database,
        p.keys,
        name="appointment",
        events=Change,
        evolve=evolve,
        subject=lambda state: state.patient,
        inline=kept,
    )


def published(r: Recorded[Any]) -> Event | None:
    """What other contexts are told of an appointment: who and when, never why."""
    told: Event | None = None
    match r.event:
        case Booked() | Confirmed():
            told = AppointmentBookedV1(**_of(r), **_time(r))
        case Requested():
            told = AppointmentRequestedV1(**_of(r), **_time(r))
        case Moved(lapses_at=None, was_with=was_with, by=by, patient=patient):
            told = AppointmentMovedV1(**_of(r), **_time(r), was_with=was_with, by=by or patient)
        case Moved():
            told = AppointmentRequestedV1(**_of(r), **_time(r))
        case Declined():
            told = AppointmentDeclinedV1(**_of(r))
        case Cancelled(by=by, late=late):
            told = AppointmentCancelledV1(**_of(r), by=by, late=late)
        case Missed(absent=absent):
            told = AppointmentMissedV1(**_of(r), absent=absent)
        case _:
            pass
    return told


def _of(r: Recorded[Any]) -> dict[str, Any]:
    return {"appointment": AppointmentId(r.stream), "patient": r.event.patient, "therapist": r.event.therapist}


def _time(r: Recorded[Any]) -> dict[str, Any]:
    return {"starts_at": r.event.starts_at, "minutes": r.event.minutes}
