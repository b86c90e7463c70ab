"""Who may touch what. For everybody else it does not exist."""

from collections.abc import Set
from datetime import datetime
from typing import Final

import msgspec

from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.therapy.domain.appointment import Appointment

STAFF: Final[Set[Role]] = frozenset({"reception", "clinic-admin"})
"""They see every appointment of their clinic, without the reason of a cancellation."""


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A clinician treats a patient, from `since` until before `until`."""

    patient: PersonId
    clinician: PersonId
    since: datetime
    until: datetime | None = None


def seen(appointment: Appointment | None, person: PersonId, roles: Set[Role]) -> Appointment:
    """The appointment as this person sees it. Raises NotFound."""
    if appointment and person in (appointment.patient, appointment.therapist):
        return appointment
    if appointment and roles & STAFF:
        return msgspec.structs.replace(appointment, reason="")
    raise NotFound


def changed(appointment: Appointment | None, person: PersonId, roles: Set[Role]) -> Appointment:
    """The appointment, if this person may change it. Raises NotFound, Forbidden (may only look)."""
    found = seen(appointment, person, roles)
    if person not in (found.patient, found.therapist):
        raise Forbidden("only its patient and its therapist change an appointment")
    return found


def unseen(appointment: Appointment | None, person: PersonId) -> None:
    """A new appointment, or one's own. Raises NotFound when the id is somebody else's."""
    if appointment and appointment.patient != person:
        raise NotFound


def treats(relation: Relation, clinician: PersonId, patient: PersonId, now: datetime) -> bool:
    """Whether this relation lets the clinician see the patient now."""
    theirs = (relation.clinician, relation.patient) == (clinician, patient)
    return theirs and relation.since <= now and (relation.until is None or now < relation.until)
