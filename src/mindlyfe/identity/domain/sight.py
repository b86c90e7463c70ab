"""Who reaches what identity itself keeps of a patient: by a tie to them, or by arranging things for all."""

from typing import Final

from mindlyfe.kernel.clinical import DEMOGRAPHICS, READ, READ_AND_WRITE
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.policy import Policy, Rule, Thing
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, PATIENT, PRIVACY, SUPERVISORS

SIGHT: Final = Policy(
    # Their own; what staff records for others, nobody records for themselves.
    Rule(relations=("self",), roles=PATIENT, actions=READ, classes=DEMOGRAPHICS),
    # Who treats somebody reads what they permit, and takes down what they sign.
    Rule(relations=("care",), roles=CLINICIANS, actions=READ_AND_WRITE, classes=DEMOGRAPHICS, aal=2),
    Rule(relations=("supervision",), roles=SUPERVISORS, actions=READ, classes=DEMOGRAPHICS, aal=2),
    Rule(relations=("break-glass",), roles=CLINICIANS, actions=READ, classes=DEMOGRAPHICS, aal=2),
    # The front desk arranges, for every patient of the clinic; the privacy officer looks after what was permitted.
    Rule(relations=("clinic",), roles=FRONT_DESK, actions=READ_AND_WRITE, classes=DEMOGRAPHICS, aal=2),
    Rule(relations=("clinic",), roles=PRIVACY, actions=READ, classes=DEMOGRAPHICS, aal=2),
)


def kept_of(tenant: TenantId, patient: PersonId) -> Thing:
    """What identity keeps of a patient, as one thing."""
    return Thing(tenant, patient, "demographics")
