"""Appointments that are occurrences of a series: booked as one, moved into another, given up with it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mindlyfe.kernel.errors import IdTaken
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import NotBooked
from mindlyfe.therapy.domain.appointment import Appointment, Change, Membership, Placed, SeriesJoined
from mindlyfe.therapy.domain.attending import cancel
from mindlyfe.therapy.domain.availability import Availability
from mindlyfe.therapy.domain.booking import Wish, book, move
from mindlyfe.therapy.domain.slots import Engaged


def book_occurrence(
    state: Appointment | None,
    availability: Availability | None,
    engaged: Engaged,
    wish: Wish,
    now: datetime,
    *,
    member: Membership,
) -> Sequence[Change]:
    """Book an appointment as an occurrence; what is one already stays. Raises what `book` raises, IdTaken."""
    if state is not None and state.member is None:
        raise IdTaken
    if state is not None:
        return []
    booked = book(state, availability, engaged, wish, now)
    return [msgspec.structs.replace(each, member=member) if isinstance(each, Placed) else each for each in booked]


def take_over(
    state: Appointment | None,
    availability: Availability | None,
    engaged: Engaged,
    wish: Wish,
    now: datetime,
    *,
    member: Membership,
    reason: str,
) -> Sequence[Change]:
    """Move an occurrence into another series; what is there already stays. Raises what `move` raises."""
    if state is None:
        raise NotBooked
    if state.member is not None and state.member.series == member.series:
        return []
    moved = move(state, availability, engaged, wish, now, reason=reason)
    return [*moved, SeriesJoined(patient=state.patient, therapist=state.therapist, member=member)]


def give_up(state: Appointment | None, *, by: PersonId, reason: str, now: datetime) -> Sequence[Change]:
    """Cancel an occurrence that has not begun; whatever else has become of it stays."""
    if state is None or state.status not in {"requested", "booked"} or state.starts_at <= now:
        return []
    return cancel(state, by=by, reason=reason, now=now)
