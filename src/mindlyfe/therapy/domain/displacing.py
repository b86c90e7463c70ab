"""Where the appointments of a therapist go who cannot be there. Pure: proposes, and takes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.therapy.contract import AppointmentId, Status
from mindlyfe.therapy.domain.availability import Availability, Schedule
from mindlyfe.therapy.domain.booking import Wish, asked
from mindlyfe.therapy.domain.clocks import seconds
from mindlyfe.therapy.domain.slots import FREE, Engaged, Stretch, absences, free, offering, search

AHEAD: Final = timedelta(days=62)
"""So long after their absence a free slot of the same therapist is looked for."""


class Displaced(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that is in question."""

    appointment: AppointmentId
    patient: PersonId
    starts_at: datetime
    minutes: int
    status: Status
    typed: bool
    """Its type says how long it takes."""
    version: int


class Place(msgspec.Struct, frozen=True):
    """Where it could go."""

    therapist: PersonId
    at: int
    schedule: Schedule


class Clinic(msgspec.Struct, frozen=True, kw_only=True):
    """Who is there, and what takes their time; what is proposed takes it, too."""

    own: Availability
    """Of the therapist who cannot be there."""
    colleagues: Sequence[Availability]
    """The first is asked first, after whoever stands in."""
    engaged: Mapping[PersonId, Engaged]
    met: Mapping[PersonId, Sequence[Stretch]]
    """When the patients have other appointments."""


def propose(displaced: Sequence[Displaced], clinic: Clinic, until: datetime, now: datetime) -> list[Place | None]:
    """A place for each, soonest first: at the same time with a colleague, else the therapist's next after `until`."""
    engaged, met = dict(clinic.engaged), dict(clinic.met)
    found: list[Place | None] = []
    for one in displaced:
        there = msgspec.structs.replace(clinic, engaged=engaged, met=met)
        place = _place(one, there, until, now) if one.status == "booked" else None
        if place is not None:
            engaged[place.therapist] = engaged.get(place.therapist, FREE).besides(place.at, place.schedule)
            met[one.patient] = [*met.get(one.patient, ()), (place.at, place.at + place.schedule.minutes * 60)]
        found.append(place)
    return found


def _place(one: Displaced, clinic: Clinic, until: datetime, now: datetime) -> Place | None:
    wish = Wish(patient=one.patient, starts_at=one.starts_at, by=SYSTEM, minutes=one.minutes if one.typed else None)
    at, met = seconds(one.starts_at), clinic.met.get(one.patient, ())
    for hours in _in_order(one, clinic):
        if hours.therapist == one.patient:
            continue
        schedule = offering(asked(hours, wish), clinic.engaged.get(hours.therapist, FREE), one.starts_at, now)
        if isinstance(schedule, Schedule) and not _busy(met, at, schedule):
            return Place(hours.therapist, at, schedule)
    own = clinic.own
    given = free(asked(own, wish), clinic.engaged.get(own.therapist, FREE), search(until, until + AHEAD, now))
    return next((Place(own.therapist, at, each) for at, each in given if not _busy(met, at, each)), None)


def _in_order(one: Displaced, clinic: Clinic) -> Iterator[Availability]:
    """Whoever stands in at that time, then the other colleagues."""
    at = seconds(one.starts_at)
    standing_in = {off.colleague for _, _, off in absences(clinic.own.time_off, at, at + one.minutes * 60)}
    yield from (each for each in clinic.colleagues if each.therapist in standing_in)
    yield from (each for each in clinic.colleagues if each.therapist not in standing_in)


def _busy(met: Sequence[Stretch], at: int, schedule: Schedule) -> bool:
    return any(begins < at + schedule.minutes * 60 and at < ends for begins, ends in met)
