"""Who may touch what. For everybody else it does not exist."""

from datetime import datetime
from typing import Final

import msgspec

from mindlyfe.kernel.clinical import FRONT_DESK, RULES
from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId, Principal, Role, TenantId
from mindlyfe.kernel.policy import CLINICIANS, NO_TIES, Action, DataClass, Policy, Thing, Verdict
from mindlyfe.therapy.domain.appointment import Appointment

POLICY: Final = Policy(*RULES)
PARTIES: Final[frozenset[Role]] = frozenset({"patient", "therapist"})
THERAPIST: Final[frozenset[Role]] = frozenset({"therapist"})
GRANTS: Final[dict[str, frozenset[Role]]] = {
    "availability:publish": THERAPIST,
    "availability:read": THERAPIST,
    "slots:read": PARTIES | FRONT_DESK,
    "teams:read": PARTIES | FRONT_DESK,
    "teams:set": frozenset({"clinic-admin"}),
    "appointments:book": frozenset({"patient"}),
    "appointments:cancel": PARTIES,
    "appointments:read": PARTIES | FRONT_DESK,
    "clinic-appointments:read": FRONT_DESK,
    "patient-appointments:read": CLINICIANS,
}


def seen(appointment: Appointment | None, who: Principal, now: datetime) -> Appointment:
    """The appointment as this person sees it: without the reason of a cancellation, if they may not. Raises NotFound.

    The reason is clinical; the front desk never sees it, a therapist with a second factor.
    """
    if appointment is None or not _verdict(appointment, who, "read", "logistics", now).allowed:
        raise NotFound
    if _verdict(appointment, who, "read", "clinical", now).allowed:
        return appointment
    return msgspec.structs.replace(appointment, reason="")


def changed(appointment: Appointment | None, who: Principal, now: datetime) -> Appointment:
    """The appointment, if this person may change it. Raises NotFound, Forbidden (may only look)."""
    found = seen(appointment, who, now)
    if _verdict(found, who, "write", "logistics", now).by == ("clinic",):
        raise Forbidden("only its patient and its therapist change an appointment")
    return found


def unseen(appointment: Appointment | None, person: PersonId) -> None:
    """A new appointment, or one's own. Raises NotFound when the id is somebody else's."""
    if appointment and appointment.patient != person:
        raise NotFound


def calendar_of(tenant: TenantId, patient: PersonId) -> Thing:
    """All appointments of a patient, with whichever therapist."""
    return Thing(tenant, patient, "logistics")


def _verdict(a: Appointment, who: Principal, action: Action, of: DataClass, now: datetime) -> Verdict:
    return POLICY.decide(who, action, Thing(who.tenant, a.patient, of, (a.therapist,)), NO_TIES, now)
