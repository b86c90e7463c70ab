"""Searching slots: what schedules offer and nothing takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Principal
from mindlyfe.therapy.application.clinic import ClinicTypes
from mindlyfe.therapy.application.ports import Engagements, PublishedHours
from mindlyfe.therapy.application.schedules import found
from mindlyfe.therapy.contract import RangeTooLong, ScheduleId, TypeId
from mindlyfe.therapy.contract.availability import Away, Occurrence, Slot, Slots
from mindlyfe.therapy.domain.availability import Availability, Schedule
from mindlyfe.therapy.domain.booking import lasting
from mindlyfe.therapy.domain.clocks import instant, seconds
from mindlyfe.therapy.domain.series import Rhythm, lasts, occurrences
from mindlyfe.therapy.domain.slots import FREE, Search, absences, free, search

LONGEST_SEARCH: Final = timedelta(days=62)
FARTHEST: Final = timedelta(days=731)
"""No schedule is booked as long before."""


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """The slots of one therapist."""

    published: PublishedHours
    engagements: Engagements
    types: ClinicTypes
    clock: Clock

    async def of(
        self,
        therapist: PersonId,
        start: datetime,
        end: datetime,
        who: Principal,
        *,
        schedule: ScheduleId | None = None,
        appointment_type: TypeId | None = None,
    ) -> Slots:
        """The free slots that start from `start` until before `end`.

        Raises RangeTooLong, NotFound, UnknownType, TypeForStaff.
        """
        wanted = ranged(start, end, self.clock())
        chosen = await self.types.bookable(appointment_type, who)
        published = found(await self.published.of(who.tenant, therapist)).availability
        published = lasting(published, chosen.minutes if chosen else None)
        reached = reach(published, wanted)
        if reached is None:
            return Slots(items=[], away=[])
        engaged = await self.engagements.engaged(who.tenant, [therapist], reached.since, reached.until)
        given = free(published, engaged.get(therapist, FREE), reached)
        return Slots(
            items=[_slot(at, each) for at, each in given if schedule in {None, each.id}],
            away=[
                Away(since=instant(since), until=instant(until), colleague=each.colleague)
                for since, until, each in sorted(absences(published.time_off, reached.since, reached.until))
            ],
        )

    async def series(
        self, therapist: PersonId, rhythm: Rhythm, who: Principal, schedule: ScheduleId | None = None
    ) -> list[Occurrence]:
        """Which appointments of a series are free; for a patient, of both sides. Raises RangeTooLong, NotFound."""
        now = self.clock()
        published = found(await self.published.of(who.tenant, therapist)).availability
        if schedule is not None and published.schedule(schedule) is None:
            raise NotFound("this therapist has no such schedule")
        if not now - FARTHEST < rhythm.first < now + FARTHEST:
            raise RangeTooLong
        since = seconds(rhythm.first)
        until = since + lasts(rhythm)
        engaged = (await self.engagements.engaged(who.tenant, [therapist], since, until)).get(therapist, FREE)
        met = await self.engagements.meets(who.tenant, who.id, since, until) if "patient" in who.roles else ()
        return [
            Occurrence(
                starts_at=instant(each.at),
                minutes=each.schedule.minutes,
                schedule=each.schedule.id,
                kind=each.schedule.kind,
                free=each.lacks is None,
                lacks=each.lacks,
            )
            for each in occurrences(published, engaged, met, rhythm, now, wanted=schedule)
        ]


def ranged(start: datetime, end: datetime, now: datetime) -> Search:
    """A search of this range. Raises RangeTooLong."""
    if not timedelta(0) < end - start <= LONGEST_SEARCH:
        raise RangeTooLong
    return search(start, end, now)


def reach(availability: Availability, wanted: Search) -> Search | None:
    """The part of a search in which any schedule may offer anything."""
    within = [wanted.within(each) for each in availability.schedules]
    parts = [(since, until) for since, until in within if since < until]
    if not parts:
        return None
    return Search(min(since for since, _ in parts), max(until for _, until in parts), wanted.now)


def _slot(at: int, schedule: Schedule) -> Slot:
    return Slot(starts_at=instant(at), minutes=schedule.minutes, schedule=schedule.id, kind=schedule.kind)
