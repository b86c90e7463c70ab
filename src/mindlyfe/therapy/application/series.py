"""What people do with series: book one, go on for longer, end it, move what follows, look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.appointments import booked_for
from mindlyfe.therapy.application.occurrences import Known, KnownOccurrences, Occurrences
from mindlyfe.therapy.application.ports import Engagements, PublishedHours
from mindlyfe.therapy.application.schedules import found
from mindlyfe.therapy.contract.series import (
    BookSeries,
    EndSeries,
    ExtendSeries,
    MoveFollowing,
    OccurrenceView,
    SeriesId,
    SeriesView,
)
from mindlyfe.therapy.domain.access import may
from mindlyfe.therapy.domain.booked_series import Change, Plan, Series, SeriesBegun, Successor, begin, end, extend
from mindlyfe.therapy.domain.booking import REFUSED, Wish, asked
from mindlyfe.therapy.domain.clocks import seconds
from mindlyfe.therapy.domain.series import Rhythm, lasts, occurrences
from mindlyfe.therapy.domain.slots import FREE

type Decision = Callable[[Series], Sequence[Change]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedSeries:
    """A series and its appointments. Each change is written first, and its appointments follow in the same request."""

    streams: Streams[Series, Change]
    occurrences: Occurrences
    known: KnownOccurrences
    published: PublishedHours
    engagements: Engagements
    patients: Patients
    reach: Reach
    clock: Clock

    async def book(self, series: SeriesId, c: BookSeries, who: Principal, act: Act) -> SeriesView:
        """Book every occurrence that is free; the same request again goes on where it was broken off.

        Raises NotFound, NoPatient, Forbidden, Unavailable, IdTaken, and what lacks when no occurrence is free.
        """
        patient = await booked_for(c.patient, c.therapist, who, self.reach, self.patients)
        state, _ = await self.streams.load(who.tenant, series)
        if state is not None and state.patient != patient:
            raise NotFound
        rhythm = Rhythm(first=c.starts_at, every_days=c.every_days, count=c.count)
        plan = state.plan if state else await self._free(c, rhythm, patient, who)
        wish = SeriesBegun(
            patient=patient,
            therapist=c.therapist,
            by=who.id,
            plan=msgspec.structs.replace(plan, first=c.starts_at, every_days=c.every_days),
            count=c.count,
        )
        await self.streams.decide(act, series, lambda now: begin(now, wish))
        return await self._completed(series, who, act)

    async def extend(
        self, series: SeriesId, c: ExtendSeries, who: Principal, act: Act, expected: int | None
    ) -> SeriesView:
        """Go on for longer. Raises NotFound, SeriesOver, SeriesTooLong, VersionConflict, Unavailable."""
        await self._decide(series, who, act, expected, lambda state: extend(state, by=who.id, more=c.more))
        return await self._completed(series, who, act)

    async def end(self, series: SeriesId, c: EndSeries, who: Principal, act: Act, expected: int | None) -> SeriesView:
        """Cancel an occurrence and all that follow. Raises NotFound, SeriesOver, VersionConflict, Unavailable."""
        await self._decide(
            series, who, act, expected, lambda state: end(state, by=who.id, number=c.number, reason=c.reason)
        )
        return await self._completed(series, who, act)

    async def move(
        self, series: SeriesId, c: MoveFollowing, who: Principal, act: Act, expected: int | None
    ) -> SeriesView:
        """Move an occurrence and all that follow into the series that is answered; what cannot be moved stays.

        Raises NotFound, SeriesOver, VersionConflict, Unavailable.
        """
        state, _ = await self.streams.load(who.tenant, series)
        known = _changed(state, who, self.clock())
        hours = found(await self.published.of(who.tenant, known.therapist)).availability
        schedule = hours.schedule(c.schedule or known.plan.schedule)
        if schedule is None:
            raise NotFound("this therapist has no such schedule")
        every_days = c.every_days or known.plan.every_days
        plan = Plan(schedule=schedule.id, zone=schedule.zone, first=c.starts_at, every_days=every_days)
        successor = Successor(series=SeriesId(derived("series", series, c.number)), plan=plan)
        await self._decide(
            series,
            who,
            act,
            expected,
            lambda state: end(state, by=who.id, number=c.number, reason=c.reason, successor=successor),
        )
        await self.occurrences.complete(series, act)
        return await self.one(successor.series, who)

    async def one(self, series: SeriesId, who: Principal) -> SeriesView:
        """The series as it stands. Raises NotFound."""
        state, version = await self.streams.load(who.tenant, series)
        if state is None or not may(who, "read", state.patient, state.therapist, self.clock()):
            raise NotFound
        return view(series, state, version, await self.known.of(who.tenant, series))

    async def _free(self, c: BookSeries, rhythm: Rhythm, patient: PersonId, who: Principal) -> Plan:
        """By which schedule it is. Raises NotFound, and what the first lacks when none is free."""
        now = self.clock()
        hours = found(await self.published.of(who.tenant, c.therapist)).availability
        if c.schedule is not None and hours.schedule(c.schedule) is None:
            raise NotFound("this therapist has no such schedule")
        wish = Wish(patient=patient, starts_at=c.starts_at, schedule=c.schedule, by=who.id)
        since = seconds(rhythm.first)
        until = since + lasts(rhythm)
        engaged = await self.engagements.engaged(who.tenant, [c.therapist], since, until)
        met = await self.engagements.meets(who.tenant, patient, since, until)
        theirs = engaged.get(c.therapist, FREE)
        tried = occurrences(asked(hours, wish), theirs, met, rhythm, now, wanted=c.schedule)
        first = tried[0]
        if first.lacks is not None and all(one.lacks is not None for one in tried):
            raise REFUSED[first.lacks]
        schedule = first.schedule
        return Plan(schedule=schedule.id, zone=schedule.zone, first=rhythm.first, every_days=rhythm.every_days)

    async def _decide(
        self, series: SeriesId, who: Principal, act: Act, expected: int | None, decision: Decision
    ) -> None:
        now = self.clock()
        await self.streams.decide(act, series, lambda state: decision(_changed(state, who, now)), expected=expected)

    async def _completed(self, series: SeriesId, who: Principal, act: Act) -> SeriesView:
        await self.occurrences.complete(series, act)
        return await self.one(series, who)


def _changed(state: Series | None, who: Principal, now: datetime) -> Series:
    """The series, if this person may change it. Raises NotFound."""
    if state is None or not may(who, "write", state.patient, state.therapist, now):
        raise NotFound
    return state


def view(series: SeriesId, state: Series, version: int, known: Mapping[int, Known]) -> SeriesView:
    """The series and all that is wanted of it, with what stayed behind where it could not be moved."""
    refused, originals = {one.number: one.code for one in state.refused}, state.originals()
    numbers = sorted({*range(1, state.last + 1), *known})
    return SeriesView(
        id=series,
        patient=state.patient,
        therapist=state.therapist,
        schedule=state.plan.schedule,
        zone=state.plan.zone,
        starts_at=state.plan.first,
        every_days=state.plan.every_days,
        count=state.count,
        ended_after=state.after,
        continues=state.predecessor.series if state.predecessor else None,
        continued_by=state.successor.series if state.successor else None,
        complete=not state.open,
        version=version,
        occurrences=tuple(_shown(n, originals[n - 1], known.get(n), refused.get(n)) for n in numbers),
    )


def _shown(number: int, original: datetime, known: Known | None, refused: str | None) -> OccurrenceView:
    if known is None:
        return OccurrenceView(number=number, original=original, refused=refused)
    return OccurrenceView(
        number=number,
        original=known.original,
        appointment=known.appointment,
        starts_at=known.starts_at,
        status=known.status,
    )
