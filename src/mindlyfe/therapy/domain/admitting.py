"""What is decided of an encounter: who comes, who is let in, who goes, and when it is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.therapy.contract.bookings import NotStarted
from mindlyfe.therapy.contract.encounters import (
    CheckInClosed,
    EncounterOver,
    NotAdmitted,
    Part,
    PatientNotThere,
    WhereaboutsMissing,
)
from mindlyfe.therapy.domain.attending import EARLY
from mindlyfe.therapy.domain.encounter import (
    WAITING,
    Admitted,
    CalledOff,
    CheckedIn,
    Encounter,
    Ended,
    Joined,
    Left,
    Step,
)

OPENS: Final = timedelta(minutes=30)
"""So long before the start the waiting room opens."""


def opening(starts_at: datetime, minutes: int) -> tuple[datetime, datetime]:
    """From when until when a patient checks in for an appointment."""
    return starts_at - OPENS, starts_at + timedelta(minutes=minutes)


def check_in(state: Encounter | None, wish: CheckedIn) -> Sequence[Step]:
    """Come to the waiting room; again from the same place, nothing happens; from another one, that counts.

    Raises CheckInClosed, WhereaboutsMissing, EncounterOver.
    """
    opens, closes = opening(wish.starts_at, wish.minutes)
    if wish.kind == "video" and wish.whereabouts is None:
        raise WhereaboutsMissing
    if state is not None and state.stage not in WAITING:
        if state.stage == "in-progress" and state.come.whereabouts == wish.whereabouts:
            return []
        raise EncounterOver("The encounter has begun, or is over.")
    if not opens <= wish.at <= closes:
        raise CheckInClosed
    if state is not None and state.stage == "arrived" and msgspec.structs.replace(state.come, at=wish.at) == wish:
        return []
    return [wish]


def admit(state: Encounter | None, *, starts_at: datetime, at: datetime) -> Sequence[Step]:
    """Let the patient in, for the appointment that starts then; again, nothing.

    Raises PatientNotThere (or there for another time), EncounterOver, NotStarted (much too early).
    """
    if state is None or state.stage == "left":
        raise PatientNotThere
    if state.stage == "in-progress":
        return []
    if state.stage != "arrived":
        raise EncounterOver
    come = state.come
    if come.starts_at != starts_at:
        raise PatientNotThere
    if at < come.starts_at - EARLY:
        raise NotStarted
    return [Admitted(appointment=come.appointment, patient=come.patient, therapist=come.therapist, at=at)]


def join(state: Encounter | None, part: Part, *, at: datetime) -> Sequence[Step]:
    """Come back into what goes on; who is in, is in. Raises NotAdmitted, EncounterOver."""
    running = _running(state)
    return [] if running.inside(part) else [Joined(part=part, at=at)]


def leave(state: Encounter | None, part: Part, *, at: datetime) -> Sequence[Step]:
    """Go; who is not there, nothing. Raises NotAdmitted: the therapist leaves no waiting room."""
    if state is not None and state.stage in WAITING and part == "patient":
        return [Left(part=part, at=at)] if state.stage == "arrived" else []
    if state is not None and state.stage in {"finished", "cancelled"}:
        return []
    return [Left(part=part, at=at)] if _running(state).inside(part) else []


def end(state: Encounter | None, *, by: PersonId, at: datetime) -> Sequence[Step]:
    """It is over; again, nothing. Raises NotAdmitted, EncounterOver (called off)."""
    if state is not None and state.stage == "finished":
        return []
    return [_ended(_running(state), by, at)]


def call_off(state: Encounter | None, *, by: PersonId, at: datetime) -> Sequence[Step]:
    """The appointment was cancelled: whoever waits, waits for nothing."""
    return [CalledOff(by=by, at=at)] if state is not None and state.stage in WAITING else []


def put_off(state: Encounter | None, *, starts_at: datetime, at: datetime) -> Sequence[Step]:
    """The appointment was moved to `starts_at`: who waited for another time comes again."""
    waits = state is not None and state.stage == "arrived" and state.come.starts_at != starts_at
    return [Left(part="patient", at=at)] if waits else []


def close(state: Encounter | None, *, now: datetime) -> Sequence[Step]:
    """What nobody ended in time is closed by the platform, at the latest moment that is known of it."""
    if state is None or state.stage not in WAITING | {"in-progress"} or now < state.close_at:
        return []
    if state.started_at is None:
        return [CalledOff(by=SYSTEM, at=now)]
    known = [state.planned_end, *(stay.until or stay.since for stay in state.stays)]
    return [msgspec.structs.replace(_ended(state, SYSTEM, max(known)), by_platform=True)]


def _running(state: Encounter | None) -> Encounter:
    if state is None or state.stage in WAITING:
        raise NotAdmitted
    if state.stage != "in-progress":
        raise EncounterOver
    return state


def _ended(state: Encounter, by: PersonId, at: datetime) -> Ended:
    assert state.started_at is not None
    at = max(at, *(stay.since for stay in state.stays))
    return Ended(
        appointment=state.come.appointment,
        patient=state.come.patient,
        therapist=state.come.therapist,
        by=by,
        started_at=state.started_at,
        patient_s=state.seconds("patient", at),
        therapist_s=state.seconds("therapist", at),
        at=at,
        by_platform=False,
    )
