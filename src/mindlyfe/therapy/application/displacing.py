"""What the front desk does when a therapist is ill: sees where the appointments could go, and sends them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError, Unavailable
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.therapy.application.appointments import FARTHEST, Appointments
from mindlyfe.therapy.application.schedules import found
from mindlyfe.therapy.application.slots import ranged
from mindlyfe.therapy.contract.bookings import MoveAppointment
from mindlyfe.therapy.contract.moves import DisplacedAppointment, MoveMany, MoveResult, OneMove, Proposal
from mindlyfe.therapy.domain.clocks import instant, seconds
from mindlyfe.therapy.domain.displacing import AHEAD, Clinic, Displaced, Place, propose


class Planned(Protocol):
    """The calendar."""

    async def displaced(
        self, tenant: TenantId, therapist: PersonId, start: datetime, end: datetime
    ) -> Sequence[Displaced]:
        """What the therapist has before them that starts in this time, soonest first."""
        ...


class Colleagues(Protocol):
    """The teams."""

    async def colleagues(self, tenant: TenantId, therapist: PersonId) -> Sequence[PersonId]:
        """Who is in a team with the therapist."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacing:
    """Proposals for all, and the moves that were chosen."""

    appointments: Appointments
    planned: Planned
    teams: Colleagues
    clock: Clock

    async def preview(
        self, therapist: PersonId, start: datetime, end: datetime, who: Principal
    ) -> list[DisplacedAppointment]:
        """What starts in this time and has not begun, each with a proposal. Raises RangeTooLong, NotFound."""
        now = self.clock()
        ranged(start, end, now)
        own = found(await self.appointments.published.of(who.tenant, therapist)).availability
        if not now < end < now + FARTHEST:
            return []
        displaced = await self.planned.displaced(who.tenant, therapist, max(start, now), end)
        standing_in = [off.colleague for off in own.time_off if off.colleague is not None]
        others = [*standing_in, *await self.teams.colleagues(who.tenant, therapist)]
        published = await self.appointments.published.of_all(who.tenant, list(dict.fromkeys(others)))
        engagements, until = self.appointments.engagements, max(end, now)
        reach = seconds(max(start, now)), seconds(until + AHEAD)
        clinic = Clinic(
            own=own,
            colleagues=[published[one].availability for one in dict.fromkeys(others) if one in published],
            engaged=await engagements.engaged(who.tenant, [therapist, *published], *reach),
            met={
                one: await engagements.meets(who.tenant, one, *reach)
                for one in dict.fromkeys(each.patient for each in displaced)
            },
        )
        clinic = _without(clinic, displaced)
        places = propose(displaced, clinic, until, now)
        return [_view(one, place) for one, place in zip(displaced, places, strict=True)]

    async def move(self, command: MoveMany, who: Principal, act: Act) -> list[MoveResult]:
        """Each by itself, once under the same key; what is refused is said and holds up nothing. Raises Unavailable."""
        return [await self._move(one, command.reason, who, act) for one in command.moves]

    async def _move(self, one: OneMove, reason: str, who: Principal, act: Act) -> MoveResult:
        wish = MoveAppointment(starts_at=one.starts_at, schedule=one.schedule, therapist=one.therapist, reason=reason)
        try:
            saved = await self.appointments.move(
                one.appointment, wish, who, act.step(str(one.appointment)), one.version
            )
        except Unavailable:
            raise
        except DomainError as refusal:
            return MoveResult(appointment=one.appointment, refused=refusal.code)
        return MoveResult(appointment=one.appointment, version=saved.version)


def _without(clinic: Clinic, displaced: Sequence[Displaced]) -> Clinic:
    """The appointments in question hold up neither their patients nor one another."""
    theirs = {(each.patient, seconds(each.starts_at)) for each in displaced if each.status == "booked"}
    met = {
        patient: [one for one in stretches if (patient, one[0]) not in theirs]
        for patient, stretches in clinic.met.items()
    }
    return Clinic(own=clinic.own, colleagues=clinic.colleagues, engaged=clinic.engaged, met=met)


def _view(one: Displaced, place: Place | None) -> DisplacedAppointment:
    return DisplacedAppointment(
        appointment=one.appointment,
        patient=one.patient,
        starts_at=one.starts_at,
        minutes=one.minutes,
        status=one.status,
        version=one.version,
        proposal=None
        if place is None
        else Proposal(
            therapist=place.therapist,
            starts_at=instant(place.at),
            minutes=place.schedule.minutes,
            schedule=place.schedule.id,
            kind=place.schedule.kind,
        ),
    )
