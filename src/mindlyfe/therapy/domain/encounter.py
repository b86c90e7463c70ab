"""One encounter: the patient arrives, is let in, both come and go, and it ends. Who was in for how long is counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.kernel.messages import SYSTEM, Event, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId, Kind
from mindlyfe.therapy.contract.encounters import Part, Stage, Whereabouts

FORGOTTEN: Final = timedelta(hours=4)
"""So long after it should have been over, an encounter that nobody ended is closed by the platform."""
PARTS: Final[tuple[Part, Part]] = ("patient", "therapist")
WAITING: Final[frozenset[Stage]] = frozenset({"arrived", "left"})


class CheckedIn(Event, frozen=True, kw_only=True, tag="encounter.checked-in.v1"):
    """The patient is there, for this appointment as it stood then."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    kind: Kind
    starts_at: Instant
    minutes: int
    by: PersonId
    whereabouts: Whereabouts | None
    at: Instant


class Admitted(Event, frozen=True, kw_only=True, tag="encounter.admitted.v1"):
    """The therapist let the patient in: it begins, with both of them."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    at: Instant


class Joined(Event, frozen=True, kw_only=True, tag="encounter.joined.v1"):
    """One of them is in again."""

    part: Part
    at: Instant


class Left(Event, frozen=True, kw_only=True, tag="encounter.left.v1"):
    """One of them went: out of the waiting room, or out of the encounter, which goes on."""

    part: Part
    at: Instant


class Ended(Event, frozen=True, kw_only=True, tag="encounter.ended.v1"):
    """It is over."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    by: PersonId
    started_at: Instant
    patient_s: int
    therapist_s: int
    at: Instant
    by_platform: bool = False


class CalledOff(Event, frozen=True, kw_only=True, tag="encounter.called-off.v1"):
    """It will not take place: the appointment was cancelled, or nobody let the patient in."""

    by: PersonId
    at: Instant


type Step = CheckedIn | Admitted | Joined | Left | Ended | CalledOff


class Stay(msgspec.Struct, frozen=True):
    """One of them was in from `since` until `until`; None: still is."""

    part: Part
    since: datetime
    until: datetime | None = None


class Encounter(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the steps so far. Before the first there is none: it is planned by its appointment."""

    come: CheckedIn
    stage: Stage
    arrived_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stays: tuple[Stay, ...] = ()
    by_platform: bool = False

    @property
    def patient(self) -> PersonId:
        """Whose it is."""
        return self.come.patient

    @property
    def planned_end(self) -> datetime:
        """When it should be over."""
        return self.come.starts_at + timedelta(minutes=self.come.minutes)

    @property
    def close_at(self) -> datetime:
        """When the platform closes it, if nobody does."""
        return max(self.planned_end, self.started_at or self.planned_end) + FORGOTTEN

    def inside(self, part: Part) -> bool:
        """Whether this one is in now."""
        return any(stay.part == part and stay.until is None for stay in self.stays)

    def seconds(self, part: Part, at: datetime) -> int:
        """How long this one has been in, until `at` at most."""
        found = [(stay.until or at) - stay.since for stay in self.stays if stay.part == part]
        return int(sum(found, timedelta()).total_seconds())


def evolve(state: Encounter | None, step: Step) -> Encounter:
    """The encounter after a step."""
    if isinstance(step, CheckedIn):
        same = state is not None and state.come.starts_at == step.starts_at
        return Encounter(come=step, stage="arrived", arrived_at=state.arrived_at if state and same else step.at)
    assert state is not None
    return msgspec.structs.replace(state, **_changed(state, step))


def _changed(state: Encounter, step: Admitted | Joined | Left | Ended | CalledOff) -> dict[str, object]:
    match step:
        case Admitted(at=at):
            both = tuple(Stay(part, at) for part in PARTS)
            return {"stage": "in-progress", "started_at": at, "stays": both}
        case Joined(part=part, at=at):
            return {"stays": (*state.stays, Stay(part, at))}
        case Left(part=part, at=at):
            return {"stage": "left"} if state.stage in WAITING else {"stays": _gone(state.stays, (part,), at)}
        case Ended(at=at, by_platform=by_platform):
            stays = _gone(state.stays, PARTS, at)
            return {"stage": "finished", "ended_at": at, "stays": stays, "by_platform": by_platform}
        case CalledOff(at=at, by=by):
            return {"stage": "cancelled", "ended_at": at, "by_platform": by == SYSTEM}


def _gone(stays: tuple[Stay, ...], parts: Sequence[Part], at: datetime) -> tuple[Stay, ...]:
    """Never before it came: clocks of several servers differ a little."""
    return tuple(
        msgspec.structs.replace(stay, until=max(at, stay.since)) if stay.part in parts and stay.until is None else stay
        for stay in stays
    )
