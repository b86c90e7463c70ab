"""The day of a therapist, and of the clinic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import PersonId, Principal, TenantId
from mindlyfe.kernel.roles import SUPERVISORS
from mindlyfe.therapy.application.note_lists import NoteListing
from mindlyfe.therapy.contract.agenda import AgendaEntry, ClinicDay, NoteOutstanding, TherapistDay
from mindlyfe.therapy.contract.holds import OfferView
from mindlyfe.therapy.domain.availability import zone_of
from mindlyfe.therapy.domain.clocks import clocks_of, instant, numbered

COSIGNED: Final = 50


class Days(Protocol):
    """What stands in the calendar and beside it. Without a therapist: of the whole clinic."""

    async def appointments(
        self, tenant: TenantId, therapist: PersonId | None, since: datetime, until: datetime
    ) -> list[AgendaEntry]:
        """Those that start in the time."""
        ...

    async def requests(self, tenant: TenantId, therapist: PersonId | None, now: datetime) -> list[AgendaEntry]:
        """Those that wait for an answer."""
        ...

    async def unsigned(self, tenant: TenantId, therapist: PersonId, now: datetime) -> list[NoteOutstanding]:
        """Appointments that are over, of which the therapist has signed no note."""
        ...


class OpenOffers(Protocol):
    """The read model of offers."""

    async def open_offers(
        self, tenant: TenantId, *, patient: PersonId | None = None, therapist: PersonId | None = None
    ) -> list[OfferView]:
        """Those that can be answered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """Read afresh at each look."""

    days: Days
    offers: OpenOffers
    notes: NoteListing
    clock: Clock

    async def of_therapist(self, day: date | None, zone: str, who: Principal) -> TherapistDay:
        """The caller's. Raises UnknownZone, Unavailable."""
        common = await self._common(day, zone, who.tenant, who.id)
        outstanding: Sequence[NoteOutstanding] = await self.days.unsigned(who.tenant, who.id, self.clock())
        supervises = not who.roles.isdisjoint(SUPERVISORS)
        waiting = await self.notes.to_cosign(who, limit=COSIGNED, cursor=None) if supervises else None
        return TherapistDay(
            **common,
            notes_outstanding=list(outstanding),
            to_cosign=list(waiting.items) if waiting else [],
        )

    async def of_clinic(self, day: date | None, zone: str, who: Principal) -> ClinicDay:
        """Everybody's, without anything clinical. Raises UnknownZone."""
        return ClinicDay(**await self._common(day, zone, who.tenant, None))

    async def _common(
        self, day: date | None, zone: str, tenant: TenantId, therapist: PersonId | None
    ) -> dict[str, Any]:
        now, place = self.clock(), zone_of(zone)
        chosen = day or now.astimezone(place).date()
        clocks, number = clocks_of(place), numbered(chosen)
        since, until = instant(clocks.moment(number, 0)), instant(clocks.moment(number + 1, 0))
        return {
            "day": chosen,
            "zone": zone,
            "since": since,
            "until": until,
            "appointments": await self.days.appointments(tenant, therapist, since, until),
            "requests": await self.days.requests(tenant, therapist, now),
            "offers": await self.offers.open_offers(tenant, therapist=therapist),
        }
