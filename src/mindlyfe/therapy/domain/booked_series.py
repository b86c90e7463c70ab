"""One series as somebody wants it: begun, perhaps extended, perhaps ended. Its occurrences are appointments.

A change leaves it `open` until all its occurrences were seen to; whoever is killed in the middle goes on from there.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mindlyfe.kernel.errors import IdTaken, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.contract.series import MOST, SeriesId, SeriesOver, SeriesTooLong
from mindlyfe.therapy.domain.clocks import instant
from mindlyfe.therapy.domain.series import Rhythm, starts


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """When it is: by which schedule and its clocks, from when, how often."""

    schedule: ScheduleId
    zone: str
    first: Instant
    every_days: int


class Predecessor(msgspec.Struct, frozen=True, kw_only=True):
    """The series whose occurrences after a number this one takes over."""

    series: SeriesId
    after: int


class Successor(msgspec.Struct, frozen=True, kw_only=True):
    """The series that takes over, and when it is."""

    series: SeriesId
    plan: Plan


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An occurrence that could not be had, and the code of the refusal."""

    number: int
    code: str


class SeriesBegun(Event, frozen=True, kw_only=True, tag="series.begun.v1"):
    """So many appointments are wanted."""

    patient: PersonId
    therapist: PersonId
    by: PersonId
    plan: Plan
    count: int
    predecessor: Predecessor | None = None


class SeriesExtended(Event, frozen=True, kw_only=True, tag="series.extended.v1"):
    """It goes on until it has `count`."""

    by: PersonId
    count: int


class SeriesEnded(Event, frozen=True, kw_only=True, tag="series.ended.v1"):
    """Nothing of it is wanted after this number; or all that follows is another series now."""

    by: PersonId
    after: int
    reason: str
    successor: Successor | None = None


class SeriesSettled(Event, frozen=True, kw_only=True, tag="series.settled.v1"):
    """Everything that was wanted has been tried; this could not be had."""

    refused: tuple[Refused, ...] = ()


class PatientMerged(Event, frozen=True, kw_only=True, tag="series.patient-merged.v1"):
    """The patient's account became another one, `patient`, whose series it is from now on."""

    patient: PersonId
    was: PersonId


type Change = SeriesBegun | SeriesExtended | SeriesEnded | SeriesSettled | PatientMerged


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The series after the changes so far."""

    patient: PersonId
    therapist: PersonId
    by: PersonId
    """Who changed it last: for whom its appointments are booked, moved and cancelled."""
    plan: Plan
    count: int
    predecessor: Predecessor | None = None
    after: int | None = None
    reason: str = ""
    successor: Successor | None = None
    refused: tuple[Refused, ...] = ()
    open: bool = True

    @property
    def last(self) -> int:
        """The last number that is wanted."""
        return self.count if self.after is None else self.after

    def originals(self) -> list[datetime]:
        """When each of all that were ever wanted is to start, number 1 first."""
        rhythm = Rhythm(first=self.plan.first, every_days=self.plan.every_days, count=self.count)
        return [instant(at) for at in starts(rhythm, self.plan.zone)]


def evolve(state: Series | None, change: Change) -> Series:
    """The series after a change."""
    if isinstance(change, SeriesBegun):
        return Series(
            patient=change.patient,
            therapist=change.therapist,
            by=change.by,
            plan=change.plan,
            count=change.count,
            predecessor=change.predecessor,
        )
    assert state
    match change:
        case SeriesExtended(by=by, count=count):
            return msgspec.structs.replace(state, by=by, count=count, open=True)
        case SeriesEnded(by=by, after=after, reason=reason, successor=successor):
            return msgspec.structs.replace(state, by=by, after=after, reason=reason, successor=successor, open=True)
        case SeriesSettled(refused=refused):
            return msgspec.structs.replace(state, refused=refused, open=False)
        case PatientMerged(patient=patient, was=was):
            by = patient if state.by == was else state.by
            return msgspec.structs.replace(state, patient=patient, by=by)


def begin(state: Series | None, wish: SeriesBegun) -> Sequence[Change]:
    """Want a series; the same again changes nothing. Raises IdTaken."""
    if state is None:
        return [wish]
    if (state.patient, state.therapist, state.plan) != (wish.patient, wish.therapist, wish.plan):
        raise IdTaken
    return []


def extend(state: Series, *, by: PersonId, more: int) -> Sequence[Change]:
    """Go on for longer. Raises SeriesOver, SeriesTooLong."""
    if state.after is not None:
        raise SeriesOver
    if state.count + more > MOST:
        raise SeriesTooLong
    return [SeriesExtended(by=by, count=state.count + more)]


def end(
    state: Series, *, by: PersonId, number: int, reason: str, successor: Successor | None = None
) -> Sequence[Change]:
    """Want nothing of it from this number on, or all of that in another series; the same again changes nothing.

    Raises NotFound (it never had the number), SeriesOver.
    """
    if number > state.count:
        raise NotFound
    if state.after == number - 1 and state.successor == successor:
        return []
    if number > state.last:
        raise SeriesOver
    return [SeriesEnded(by=by, after=number - 1, reason=reason, successor=successor)]


def settle(state: Series | None, *, seen: Series, refused: Sequence[Refused]) -> Sequence[Change]:
    """All that was wanted when it was `seen` has been tried. What is wanted since then still is."""
    return [SeriesSettled(refused=tuple(refused))] if state is not None and state.open and state == seen else []


def follow_merge(state: Series | None, *, duplicate: PersonId, survivor: PersonId) -> Sequence[Change]:
    """Make the duplicate's series the survivor's."""
    if state is None or state.patient != duplicate:
        return []
    return [PatientMerged(patient=survivor, was=duplicate)]
