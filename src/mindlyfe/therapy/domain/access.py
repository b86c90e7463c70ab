"""Who may touch what. For everybody else it does not exist."""

from datetime import datetime
from typing import Final

import msgspec

from mindlyfe.kernel.clinical import RULES
from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId, Principal, Role, TenantId
from mindlyfe.kernel.policy import NO_TIES, Action, DataClass, Policy, Thing, Verdict
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, THERAPIST
from mindlyfe.therapy.contract.bookings import Side
from mindlyfe.therapy.domain.appointment import Appointment

POLICY: Final = Policy(*RULES)
PARTIES: Final[frozenset[Role]] = frozenset({"patient", "therapist"})
STAFF: Final[frozenset[Role]] = THERAPIST | FRONT_DESK
"""Who arranges appointments for others."""
GRANTS: Final[dict[str, frozenset[Role]]] = {
    "availability:publish": THERAPIST,
    "availability:read": THERAPIST,
    "slots:read": PARTIES | FRONT_DESK,
    "teams:read": PARTIES | FRONT_DESK,
    "teams:set": frozenset({"clinic-admin"}),
    "appointments:book": PARTIES | FRONT_DESK,
    "appointments:cancel": PARTIES | FRONT_DESK,
    "appointments:move": PARTIES | FRONT_DESK,
    "appointments:answer": THERAPIST | FRONT_DESK,
    "appointments:mark": PARTIES | FRONT_DESK,
    "appointments:displace": FRONT_DESK,
    "appointments:read": PARTIES | FRONT_DESK,
    "series:book": PARTIES | FRONT_DESK,
    "series:change": PARTIES | FRONT_DESK,
    "series:read": PARTIES | FRONT_DESK,
    "clinic-appointments:read": FRONT_DESK,
    "patient-appointments:read": CLINICIANS,
}


def seen(appointment: Appointment | None, who: Principal, now: datetime) -> Appointment:
    """The appointment as this person sees it: without the reason of a change, if they may not. Raises NotFound.

    The reason is clinical: a therapist sees it with a second factor, the front desk only what was not written by the
    patient or the therapist.
    """
    if appointment is None or appointment.status == "held":
        raise NotFound
    if not _verdict(appointment, who, "read", "logistics", now).allowed:
        raise NotFound
    verdict = _verdict(appointment, who, "read", "clinical", now)
    by_desk = appointment.by not in {appointment.patient, appointment.therapist}
    if verdict.allowed or (by_desk and not FRONT_DESK.isdisjoint(who.roles)):
        return appointment
    return msgspec.structs.replace(appointment, reason="")


def changed(appointment: Appointment | None, who: Principal, now: datetime) -> Appointment:
    """The appointment, if this person may change it. Raises NotFound."""
    found = seen(appointment, who, now)
    if not _verdict(found, who, "write", "logistics", now).allowed:
        raise NotFound
    return found


def answered(appointment: Appointment | None, who: Principal, now: datetime) -> Appointment:
    """The appointment, if this person may answer the patient. Raises NotFound, Forbidden (the patient themselves)."""
    found = changed(appointment, who, now)
    if who.id == found.patient:
        raise Forbidden("the clinic answers a request")
    return found


def marked(appointment: Appointment | None, absent: Side | None, who: Principal, now: datetime) -> Appointment:
    """The appointment, if this person may say, or take back, that `absent` did not come: nobody says it of themselves.

    Without `absent` it is the one who is said to have missed it. Raises NotFound, Forbidden.
    """
    found = changed(appointment, who, now)
    theirs = {"patient": found.patient, "therapist": found.therapist}
    if who.id == (found.absent if absent is None else theirs[absent]):
        raise Forbidden("the other one, or the front desk, says who did not come")
    return found


def unseen(appointment: Appointment | None, person: PersonId) -> None:
    """A new appointment, or one's own. Raises NotFound when the id is somebody else's."""
    if appointment and appointment.patient != person:
        raise NotFound


def calendar_of(tenant: TenantId, patient: PersonId) -> Thing:
    """All appointments of a patient, with whichever therapist."""
    return Thing(tenant, patient, "logistics")


def may(who: Principal, action: Action, patient: PersonId, therapist: PersonId, now: datetime) -> bool:
    """Whether this person may look at, or change, when the two meet."""
    return POLICY.decide(who, action, Thing(who.tenant, patient, "logistics", (therapist,)), NO_TIES, now).allowed


def _verdict(a: Appointment, who: Principal, action: Action, of: DataClass, now: datetime) -> Verdict:
    return POLICY.decide(who, action, Thing(who.tenant, a.patient, of, (a.therapist,)), NO_TIES, now)
