"""A session of a group: offered with so many seats, perhaps called off. A seat is an appointment of its guest alone."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mindlyfe.kernel.errors import IdTaken, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId, Principal
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.therapy.contract import AlreadyBooked, AlreadyStarted, InThePast, Kind, NotOffered, RoomId
from mindlyfe.therapy.contract.groups import GroupId, GroupOver
from mindlyfe.therapy.domain.appointment import Appointment, Booked
from mindlyfe.therapy.domain.appointment import Change as AppointmentChange
from mindlyfe.therapy.domain.clocks import instant, seconds


class GroupOffered(Event, frozen=True, kw_only=True, tag="group-session.offered.v1"):
    """There will be a session, with so many seats."""

    therapist: PersonId
    title: str
    starts_at: Instant
    minutes: int
    seats: int
    by: PersonId
    kind: Kind = "video"
    place: str = ""
    room: RoomId | None = None


class GroupCalledOff(Event, frozen=True, kw_only=True, tag="group-session.called-off.v1"):
    """There will be none."""

    therapist: PersonId
    by: PersonId


type Change = GroupOffered | GroupCalledOff


class GroupSession(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the changes so far."""

    offered: GroupOffered
    called_off: bool = False


def evolve(state: GroupSession | None, change: Change) -> GroupSession:
    """The session after a change."""
    if isinstance(change, GroupOffered):
        return GroupSession(offered=change)
    assert state
    return msgspec.structs.replace(state, called_off=True)


def offer(state: GroupSession | None, wish: GroupOffered, now: datetime) -> Sequence[Change]:
    """Offer a session; the same again changes nothing. Raises IdTaken, InThePast."""
    exact = msgspec.structs.replace(wish, starts_at=instant(seconds(wish.starts_at)))
    if state is not None:
        if state.offered != exact:
            raise IdTaken
        return []
    if exact.starts_at <= now:
        raise InThePast
    return [exact]


def call_off(state: GroupSession, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Call it off; again, nothing. Raises AlreadyStarted."""
    if state.called_off:
        return []
    if state.offered.starts_at <= now:
        raise AlreadyStarted
    return [GroupCalledOff(therapist=state.offered.therapist, by=by)]


def run(state: GroupSession | None, who: Principal) -> GroupSession:
    """The session, if this person runs it: its therapist, or the front desk. Raises NotFound."""
    if state is None:
        raise NotFound
    theirs = "therapist" in who.roles and state.offered.therapist == who.id
    if not theirs and FRONT_DESK.isdisjoint(who.roles):
        raise NotFound
    return state


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to come to which session, as somebody of the staff wishes."""

    session: GroupId
    group: GroupSession
    patient: PersonId
    by: PersonId


def take_seat(state: Appointment | None, seat: Seat, now: datetime) -> Sequence[AppointmentChange]:
    """A seat for the guest. Raises AlreadyBooked, GroupOver, AlreadyStarted, NotOffered."""
    said = seat.group.offered
    if state is not None:
        raise AlreadyBooked
    if seat.group.called_off:
        raise GroupOver
    if said.starts_at <= now:
        raise AlreadyStarted
    if seat.patient == said.therapist:
        raise NotOffered("nobody meets themselves")
    return [
        Booked(
            patient=seat.patient,
            therapist=said.therapist,
            starts_at=said.starts_at,
            minutes=said.minutes,
            kind=said.kind,
            place=said.place,
            room=said.room,
            group_session=seat.session,
            by=seat.by,
        )
    ]
