"""The day: a therapist's own, and the clinic's for its desk."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.http import get
from mindlyfe.kernel.messages import Principal
from mindlyfe.therapy.application.agenda import Agenda
from mindlyfe.therapy.contract import UnknownZone, Zone
from mindlyfe.therapy.contract.agenda import ClinicDay, TherapistDay

Day = Annotated[date, msgspec.Meta(description="By the clocks of the zone; without it, today.")]


def routes(agenda: Agenda) -> list[Router]:
    """`/v1/agenda`, `/v1/clinic/agenda`."""

    @get(needs="agenda:read", clinical=True, refuses=(UnknownZone, Unavailable), audits="agenda.read")
    async def mine(who: Principal, *, date_: Day | None = None, zone: Zone = "UTC") -> TherapistDay:
        """The caller's day, by the clocks of the zone they name.

        Appointments and how far they have come, requests and offers that wait for an answer, appointments without a
        signed note, and notes that wait for the caller's co-signature. Names are asked from identity, many at once.
        """
        return await agenda.of_therapist(date_, zone, who)

    @get(needs="clinic-agenda:read", clinical=True, refuses=(UnknownZone,), audits="agenda.read")
    async def clinic(who: Principal, *, date_: Day | None = None, zone: Zone = "UTC") -> ClinicDay:
        """The clinic's day for its desk: who is met, what waits for an answer, and nothing clinical."""
        return await agenda.of_clinic(date_, zone, who)

    return [
        Router("/v1/agenda", route_handlers=[mine], tags=["Agenda"]),
        Router("/v1/clinic/agenda", route_handlers=[clinic], tags=["Agenda"]),
    ]
