"""One place on the waiting list: joined, judged, paused, and over by an appointment, by leaving or by removal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import SYSTEM, Event, Instant, PersonId
from mindlyfe.therapy.contract.waiting import (
    AlreadyWaiting,
    NotWaiting,
    OneWish,
    Urgency,
    WaitStatus,
    Wishes,
    WishesBackwards,
)
from mindlyfe.therapy.domain.availability import zone_of

STANDING: Final[frozenset[WaitStatus]] = frozenset({"waiting", "paused"})
MERGED: Final = "Two accounts became one, and the other one's place stays."


class Joined(Event, frozen=True, kw_only=True, tag="wait.joined.v1"):
    """The patient waits from now on."""

    patient: PersonId
    by: PersonId
    wishes: Wishes
    at: Instant


class WishesChanged(Event, frozen=True, kw_only=True, tag="wait.wishes-changed.v1"):
    """Something else suits them."""

    by: PersonId
    wishes: Wishes


class UrgencyJudged(Event, frozen=True, kw_only=True, tag="wait.urgency-judged.v1"):
    """A clinician judged how urgent it is."""

    by: PersonId
    urgency: Urgency
    reason: str
    at: Instant


class Paused(Event, frozen=True, kw_only=True, tag="wait.paused.v1"):
    """For now they want no offers; the time waited counts on."""

    by: PersonId


class Resumed(Event, frozen=True, kw_only=True, tag="wait.resumed.v1"):
    """They want offers again. Those they left unanswered before are forgotten."""

    by: PersonId
    at: Instant


class Left(Event, frozen=True, kw_only=True, tag="wait.left.v1"):
    """They wait no longer, by their own wish."""

    by: PersonId
    at: Instant


class Removed(Event, frozen=True, kw_only=True, tag="wait.removed.v1"):
    """The clinic took them off the list."""

    by: PersonId
    reason: str
    at: Instant


class Met(Event, frozen=True, kw_only=True, tag="wait.met.v1"):
    """They accepted an offer."""

    at: Instant


class PatientMerged(Event, frozen=True, kw_only=True, tag="wait.patient-merged.v1"):
    """The patient's account became another one, `patient`, which waits from now on."""

    patient: PersonId
    was: PersonId


type Step = Joined | WishesChanged | UrgencyJudged | Paused | Resumed | Left | Removed | Met | PatientMerged


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the steps so far."""

    patient: PersonId
    wishes: Wishes
    since: datetime
    status: WaitStatus = "waiting"
    urgency: Urgency = "routine"
    urgency_reason: str = ""
    judged_by: PersonId | None = None
    removed_because: str = ""

    @property
    def parties(self) -> tuple[PersonId, ...]:
        """Who takes part beside the patient: whom they wait for, and who judged how urgent it is."""
        return tuple(one for one in (self.wishes.therapist, self.judged_by) if one is not None)


def evolve(state: Wait | None, step: Step) -> Wait:
    """The place after a step."""
    if isinstance(step, Joined):
        return Wait(patient=step.patient, wishes=step.wishes, since=step.at)
    assert state is not None
    return msgspec.structs.replace(state, **_changed(step))


def _changed(  # noqa: PLR0911 # one line per step
    step: WishesChanged | UrgencyJudged | Paused | Resumed | Left | Removed | Met | PatientMerged,
) -> dict[str, object]:
    match step:
        case WishesChanged(wishes=wishes):
            return {"wishes": wishes}
        case UrgencyJudged(by=by, urgency=urgency, reason=reason):
            return {"urgency": urgency, "urgency_reason": reason, "judged_by": by}
        case Paused():
            return {"status": "paused"}
        case Resumed():
            return {"status": "waiting"}
        case Left():
            return {"status": "left"}
        case Removed(reason=reason):
            return {"status": "removed", "removed_because": reason}
        case Met():
            return {"status": "met"}
        case PatientMerged(patient=patient):
            return {"patient": patient}


def join(state: Wait | None, wish: Joined) -> Sequence[Step]:
    """Begin to wait; the same again changes nothing. Raises AlreadyWaiting, OneWish, WishesBackwards, UnknownZone."""
    if state is not None:
        if (state.patient, state.wishes) != (wish.patient, wish.wishes):
            raise AlreadyWaiting
        return []
    sound(wish.wishes)
    return [wish]


def change(state: Wait, *, by: PersonId, wishes: Wishes) -> Sequence[Step]:
    """Wish for something else. Raises NotWaiting, OneWish, WishesBackwards, UnknownZone."""
    _standing(state)
    sound(wishes)
    return [] if wishes == state.wishes else [WishesChanged(by=by, wishes=wishes)]


def judge(state: Wait, *, by: PersonId, urgency: Urgency, reason: str, now: datetime) -> Sequence[Step]:
    """Say how urgent it is. Raises NotWaiting."""
    _standing(state)
    if (state.urgency, state.urgency_reason) == (urgency, reason):
        return []
    return [UrgencyJudged(by=by, urgency=urgency, reason=reason, at=now)]


def pause(state: Wait, *, by: PersonId) -> Sequence[Step]:
    """Want no offers for now. Raises NotWaiting."""
    _standing(state)
    return [] if state.status == "paused" else [Paused(by=by)]


def resume(state: Wait, *, by: PersonId, now: datetime) -> Sequence[Step]:
    """Want offers again; who was not paused says that they are still there. Raises NotWaiting."""
    _standing(state)
    return [Resumed(by=by, at=now)]


def leave(state: Wait, *, by: PersonId, now: datetime) -> Sequence[Step]:
    """Wait no longer; again, nothing. Raises NotWaiting when it was over otherwise."""
    if state.status == "left":
        return []
    _standing(state)
    return [Left(by=by, at=now)]


def remove(state: Wait, *, by: PersonId, reason: str, now: datetime) -> Sequence[Step]:
    """Take somebody off the list. Raises NotWaiting."""
    _standing(state)
    return [Removed(by=by, reason=reason, at=now)]


def meet(state: Wait | None, *, now: datetime) -> Sequence[Step]:
    """An offer was accepted: the wait is over, unless it was before."""
    return [Met(at=now)] if state is not None and state.status in STANDING else []


def give_up(state: Wait | None, *, now: datetime) -> Sequence[Step]:
    """They left the clinic: nobody is there to be met."""
    return [Left(by=SYSTEM, at=now)] if state is not None and state.status in STANDING else []


def follow_merge(
    state: Wait | None, *, duplicate: PersonId, survivor: PersonId, waits: bool, now: datetime
) -> Sequence[Step]:
    """The duplicate's place becomes the survivor's, unless they have one."""
    if state is None or state.patient != duplicate or state.status not in STANDING:
        return []
    if waits:
        return [Removed(by=SYSTEM, reason=MERGED, at=now)]
    return [PatientMerged(patient=survivor, was=duplicate)]


def existing(state: Wait | None) -> Wait:
    """The place, if there is one. Raises NotFound."""
    if state is None:
        raise NotFound
    return state


def sound(wishes: Wishes) -> None:
    """Raises OneWish, WishesBackwards, UnknownZone."""
    zone_of(wishes.zone)
    if wishes.therapist is not None and wishes.team is not None:
        raise OneWish
    if any(each.opens >= each.closes for each in wishes.times):
        raise WishesBackwards
    if wishes.earliest and wishes.latest and wishes.latest < wishes.earliest:
        raise WishesBackwards


def _standing(state: Wait) -> None:
    if state.status not in STANDING:
        raise NotWaiting
