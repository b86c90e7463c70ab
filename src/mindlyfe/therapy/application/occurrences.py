"""Brings about what series want: their occurrences are booked, moved or given up, each an appointment of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError, Erased, Unavailable
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, Heard, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.appointments import around
from mindlyfe.therapy.application.ports import Engagements, PublishedHours
from mindlyfe.therapy.contract import AppointmentId, Status
from mindlyfe.therapy.contract.series import SeriesChangedV1, SeriesId
from mindlyfe.therapy.domain.appointment import Appointment, Membership
from mindlyfe.therapy.domain.appointment import Change as AppointmentChange
from mindlyfe.therapy.domain.booked_series import (
    Change,
    Predecessor,
    Refused,
    Series,
    SeriesBegun,
    Successor,
    begin,
    settle,
)
from mindlyfe.therapy.domain.booking import Wish
from mindlyfe.therapy.domain.joining import book_occurrence, give_up, take_over


class Known(NamedTuple):
    """The appointment that an occurrence is."""

    appointment: AppointmentId
    original: datetime
    starts_at: datetime
    status: Status


class KnownOccurrences(Protocol):
    """The read model."""

    async def of(self, tenant: TenantId, series: SeriesId) -> Mapping[int, Known]:
        """Those of a series that are appointments, by their number."""
        ...


class Wanted(NamedTuple):
    """An occurrence that is to be there."""

    number: int
    at: datetime
    before: Known | None
    """The appointment of the series before, which is to become it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrences:
    """Whoever is told twice, or killed in the middle, goes on to the same end."""

    series: Streams[Series, Change]
    appointments: Streams[Appointment, AppointmentChange]
    known: KnownOccurrences
    published: PublishedHours
    engagements: Engagements
    clock: Clock

    async def changed(self, heard: Heard[SeriesChangedV1]) -> None:
        """See to it, should whoever changed it not have. Raises Unavailable: then it is tried again."""
        try:
            await self.complete(heard.event.series, heard.act)
        except Erased:
            return

    async def complete(self, series: SeriesId, act: Act) -> None:
        """Try all that is wanted and was not tried. Raises Unavailable, Erased."""
        while True:
            state, version = await self.series.load(act.tenant, series)
            if state is None or not state.open:
                return
            refused = await self._tried(series, state, act)
            await self.series.decide(
                act.step(f"{series}/settled/{version}"),
                series,
                lambda now, seen=state, these=refused: settle(now, seen=seen, refused=these),  # type: ignore[misc]
            )

    async def _tried(self, series: SeriesId, state: Series, act: Act) -> Sequence[Refused]:
        there = await self.known.of(act.tenant, series)
        if state.successor is not None:
            await self._hand_over(series, state, state.successor, act)
        else:
            await self._give_up([one for number, one in there.items() if number > state.last], state, act)
        refused = {one.number: one for one in state.refused if one.number <= state.last}
        before = await self._before(state, act)
        missing = [
            Wanted(number, at, before.get(number))
            for number, at in enumerate(state.originals()[: state.last], 1)
            if number not in there and number not in refused
        ]
        for wanted in _in_order(missing):
            code = await self._try(series, state, wanted, act)
            if code is not None:
                refused[wanted.number] = Refused(number=wanted.number, code=code)
        return [refused[number] for number in sorted(refused)]

    async def _hand_over(self, series: SeriesId, state: Series, successor: Successor, act: Act) -> None:
        assert state.after is not None
        wish = SeriesBegun(
            patient=state.patient,
            therapist=state.therapist,
            by=state.by,
            plan=successor.plan,
            count=state.count - state.after,
            predecessor=Predecessor(series=series, after=state.after),
        )
        await self.series.decide(act.step(f"{successor.series}/begun"), successor.series, lambda now: begin(now, wish))
        await self.complete(successor.series, act)

    async def _give_up(self, these: Sequence[Known], state: Series, act: Act) -> None:
        now = self.clock()
        for one in these:
            await self.appointments.decide(
                act.step(f"{one.appointment}/given-up"),
                one.appointment,
                lambda found: give_up(found, by=state.by, reason=state.reason, now=now),
            )

    async def _before(self, state: Series, act: Act) -> Mapping[int, Known]:
        """The appointments that are to become its occurrences, by its own numbers."""
        if state.predecessor is None:
            return {}
        after = state.predecessor.after
        found = await self.known.of(act.tenant, state.predecessor.series)
        return {number - after: one for number, one in found.items() if number > after}

    async def _try(self, series: SeriesId, state: Series, wanted: Wanted, act: Act) -> str | None:
        """Have the occurrence, or the code of what refuses it. Raises Unavailable, Erased."""
        try:
            await self._have(series, state, wanted, act)
        except (Unavailable, Erased):
            raise
        except DomainError as refusal:
            return refusal.code
        return None

    async def _have(self, series: SeriesId, state: Series, wanted: Wanted, act: Act) -> None:
        tenant, now, before = act.tenant, self.clock(), wanted.before
        appointment = before.appointment if before else AppointmentId(derived("occurrence", series, wanted.number))
        hours = await self.published.of(tenant, state.therapist)
        availability = hours.availability if hours else None
        engaged = await around(self.engagements, tenant, state.therapist, wanted.at, now, besides=appointment)
        wish = Wish(patient=state.patient, starts_at=wanted.at, schedule=state.plan.schedule, by=state.by)
        member = Membership(series=series, number=wanted.number, original=wanted.at)

        def decision(found: Appointment | None) -> Sequence[AppointmentChange]:
            if before is None:
                return book_occurrence(found, availability, engaged, wish, now, member=member)
            return take_over(found, availability, engaged, wish, now, member=member, reason=state.reason)

        await self.appointments.decide(act.step(str(appointment)), appointment, decision)


def _in_order(missing: Sequence[Wanted]) -> Sequence[Wanted]:
    """So that none is in the way of another: what comes later is moved from the end, all else from the start."""
    later = [one for one in missing if one.before and one.at > one.before.starts_at]
    return [*reversed(later), *(one for one in missing if one not in later)]
