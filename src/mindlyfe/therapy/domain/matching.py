"""Who of the waiting list is offered a slot, and why those before them are not. Pure; in seconds since 1970, UTC."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from mindlyfe.kernel.messages import Instant, PersonId
from mindlyfe.therapy.contract import Kind, ScheduleId
from mindlyfe.therapy.contract.waiting import PassedOver, Urgency, WaitId, Wishes
from mindlyfe.therapy.domain.availability import Availability, zone_of
from mindlyfe.therapy.domain.clocks import clocks_of, instant, numbered, seconds, weekday
from mindlyfe.therapy.domain.slots import FREE, Engaged, Search, Stretch, free

FIRST: Final[dict[Urgency, int]] = {"urgent": 0, "soon": 1, "routine": 2}
SHORT_NOTICE: Final = timedelta(hours=48)
UNANSWERED: Final = 3
"""Who left so many offers unanswered gets no more until they come back and say that they are there."""
LEAST_TO_ANSWER: Final = timedelta(minutes=30)
"""Less is offered only where the schedule wants it so."""
NOTICE: Final = timedelta(minutes=30)
"""An offer ends at least so long before the appointment, or as long as its schedule wants, if that is more."""
NIGHT: Final = (21 * 60, 8 * 60)
"""No offer ends while the patient's clocks show a time from … until before …, in minutes since midnight."""
MORNING: Final = 9 * 60
TOLD: Final = 50
"""Of the people passed over, so many are named."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that is free."""

    therapist: PersonId
    schedule: ScheduleId
    kind: Kind
    at: int
    minutes: int
    notice_minutes: int
    offer_minutes: int = 240

    @property
    def stands(self) -> timedelta:
        """How long an offer of it stands at most."""
        return timedelta(minutes=self.offer_minutes)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who waits, with all that counts for an offer."""

    wait: WaitId
    patient: PersonId
    wishes: Wishes
    urgency: Urgency
    since: datetime
    therapists: frozenset[PersonId] | None = None
    """Whom they wait for; None: anybody."""
    met: frozenset[PersonId] = frozenset()
    """Whom they have appointments with, or had."""
    busy: Sequence[Stretch] = ()
    """When they have appointments."""
    has_offer: bool = False
    had: frozenset[tuple[PersonId, int]] = frozenset()
    """The slots they were offered before: therapist and start."""
    unanswered: int = 0


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who came before, and why they were not offered the slot."""

    wait: WaitId
    patient: PersonId
    why: PassedOver


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Why the offer went to whom it did, by ids alone."""

    wait: WaitId
    urgency: Urgency
    met_before: bool
    since: Instant
    waiting: int
    """How many waited then."""
    passed: tuple[Passed, ...]
    """Those who came before, in order, the first 50."""


def ranked(candidates: Iterable[Candidate], therapist: PersonId) -> list[Candidate]:
    """In the order for the therapist's slots: by urgency, then who has met them, then who waits longest."""
    return sorted(candidates, key=lambda one: (FIRST[one.urgency], therapist not in one.met, one.since, one.wait))


def match(opening: Opening, order: Sequence[Candidate], now: datetime) -> tuple[Candidate, Trace] | None:
    """The first of those in order who can be offered the slot, and why those before them are not."""
    for place, one in enumerate(order):
        if passed_over(one, opening, now) is None:
            return one, _trace(one, opening, order[:place], len(order), now)
    return None


def available(one: Candidate) -> bool:
    """Whether there is any slot that they could be offered."""
    return not one.has_offer and one.unanswered < UNANSWERED


def openings(hours: Iterable[Availability], engaged: Mapping[PersonId, Engaged], wanted: Search) -> list[Opening]:
    """The free slots of all therapists, soonest first."""
    found = [
        Opening(
            therapist=one.therapist,
            schedule=schedule.id,
            kind=schedule.kind,
            at=at,
            minutes=schedule.minutes,
            notice_minutes=schedule.notice_minutes,
            offer_minutes=schedule.offer_minutes,
        )
        for one in hours
        for at, schedule in free(one, engaged.get(one.therapist, FREE), wanted)
    ]
    return sorted(found, key=lambda one: (one.at, one.therapist))


def passed_over(one: Candidate, opening: Opening, now: datetime) -> PassedOver | None:  # noqa: PLR0911 # a line per reason
    """Why somebody is not offered the slot; None: they are."""
    wishes = one.wishes
    if opening.therapist == one.patient or (one.therapists is not None and opening.therapist not in one.therapists):
        return "waits-for-another"
    if wishes.kind not in {None, opening.kind}:
        return "other-kind"
    if one.has_offer:
        return "has-an-offer"
    if one.unanswered >= UNANSWERED:
        return "answers-none"
    if (opening.therapist, opening.at) in one.had:
        return "had-this-offer"
    misses = _misses(wishes, opening.at, opening.minutes)
    if misses is not None:
        return misses
    if not wishes.short_notice and instant(opening.at) - now < SHORT_NOTICE:
        return "short-notice"
    ends = opening.at + opening.minutes * 60
    return "busy" if any(begins < ends and opening.at < until for begins, until in one.busy) else None


def answer_by(now: datetime, opening: Opening, zone: str) -> datetime | None:
    """Until when an offer made now is answered, as its schedule says or less; None when the slot is too near for that.

    It ends in no night of the patient's, but at nine, if the slot allows; else as late as the slot allows.
    """
    latest = instant(opening.at) - max(NOTICE, timedelta(minutes=opening.notice_minutes))
    if latest - now < min(LEAST_TO_ANSWER, opening.stands):
        return None
    usual = min(now + opening.stands, latest)
    clocks, at = clocks_of(zone_of(zone)), seconds(usual)
    day = clocks.day_of(at)
    evening, morning = clocks.moment(day, NIGHT[0]), clocks.moment(day, NIGHT[1])
    if at < morning:
        return min(instant(clocks.moment(day, MORNING)), latest)
    if at >= evening:
        return min(instant(clocks.moment(day + 1, MORNING)), latest)
    return usual


def _trace(chosen: Candidate, opening: Opening, before: Sequence[Candidate], waiting: int, now: datetime) -> Trace:
    passed: list[Passed] = []
    for one in before[:TOLD]:
        why = passed_over(one, opening, now)
        assert why is not None
        passed.append(Passed(wait=one.wait, patient=one.patient, why=why))
    return Trace(
        wait=chosen.wait,
        urgency=chosen.urgency,
        met_before=opening.therapist in chosen.met,
        since=chosen.since,
        waiting=waiting,
        passed=tuple(passed),
    )


@lru_cache(maxsize=100_000)
def _misses(wishes: Wishes, at: int, minutes: int) -> PassedOver | None:
    """What of the wishes a start misses; remembered, since many therapists have slots at the same time."""
    if not _in_dates(wishes, at):
        return "other-dates"
    return None if _in_times(wishes, at, minutes) else "other-times"


def _in_dates(wishes: Wishes, at: int) -> bool:
    if wishes.earliest is None and wishes.latest is None:
        return True
    day = clocks_of(zone_of(wishes.zone)).day_of(at)
    after = wishes.earliest is None or numbered(wishes.earliest) <= day
    return after and (wishes.latest is None or day <= numbered(wishes.latest))


def _in_times(wishes: Wishes, at: int, minutes: int) -> bool:
    if not wishes.times:
        return True
    clocks = clocks_of(zone_of(wishes.zone))
    day, ends = clocks.day_of(at), at + minutes * 60
    return any(
        clocks.moment(day, _minute(each.opens)) <= at and ends <= clocks.moment(day, _minute(each.closes))
        for each in wishes.times
        if each.weekday == weekday(day) + 1
    )


def _minute(shown: str) -> int:
    hour, minute = shown.split(":")
    return int(hour) * 60 + int(minute)
