"""The rules that hold wherever there is data about a patient. A clinical context begins with them and adds its own."""

from typing import Final

from mindlyfe.kernel.policy import Action, DataClass, Rule
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, PATIENT, SUPERVISORS

READ: Final[frozenset[Action]] = frozenset({"read"})
WRITE: Final[frozenset[Action]] = frozenset({"write"})
READ_AND_WRITE: Final[frozenset[Action]] = frozenset({"read", "write"})
EXPORT: Final[frozenset[Action]] = frozenset({"export"})
ANALYSE: Final[frozenset[Action]] = frozenset({"analyse"})
LOGISTICS: Final[frozenset[DataClass]] = frozenset({"logistics"})
CONTACT: Final[frozenset[DataClass]] = frozenset({"logistics", "demographics"})
DEMOGRAPHICS: Final[frozenset[DataClass]] = frozenset({"demographics"})
CLINICAL: Final[frozenset[DataClass]] = frozenset({"clinical"})
NOTES: Final[frozenset[DataClass]] = frozenset({"psychotherapy-note"})

RULES: Final[tuple[Rule, ...]] = (
    # A person reaches what is theirs with any sign-in, and takes it with them.
    Rule(relations=("self",), roles=PATIENT, actions=READ_AND_WRITE, classes=CONTACT),
    Rule(relations=("self",), roles=PATIENT, actions=READ, classes=CLINICAL),
    Rule(relations=("self",), roles=PATIENT, actions=EXPORT, classes=CONTACT | CLINICAL),
    # Who takes part in an appointment, or wrote a note, keeps sight of that one thing; before care there is no more.
    Rule(relations=("party",), roles=CLINICIANS, actions=READ_AND_WRITE, classes=LOGISTICS),
    Rule(relations=("party",), roles=CLINICIANS, actions=READ, classes=DEMOGRAPHICS),
    Rule(relations=("party",), roles=CLINICIANS, actions=READ, classes=CLINICAL, aal=2),
    # Care opens the record.
    Rule(relations=("care",), roles=CLINICIANS, actions=READ_AND_WRITE, classes=LOGISTICS),
    Rule(relations=("care",), roles=CLINICIANS, actions=READ, classes=DEMOGRAPHICS),
    Rule(relations=("care",), roles=CLINICIANS, actions=READ_AND_WRITE, classes=CLINICAL, aal=2),
    Rule(relations=("care",), roles=CLINICIANS, actions=ANALYSE, classes=CLINICAL, aal=2, consent="ai-analysis"),
    # Psychotherapy notes are their author's: read for good, written while care runs.
    Rule(relations=("party",), roles=CLINICIANS, actions=READ, classes=NOTES, aal=2),
    Rule(relations=("party", "care"), roles=CLINICIANS, actions=WRITE, classes=NOTES, aal=2),
    # Who supervises the treating clinician reads along.
    Rule(relations=("supervision",), roles=SUPERVISORS, actions=READ, classes=CONTACT),
    Rule(relations=("supervision",), roles=SUPERVISORS, actions=READ, classes=CLINICAL, aal=2),
    # The front desk arranges, and knows nothing clinical.
    Rule(relations=("clinic",), roles=FRONT_DESK, actions=READ_AND_WRITE, classes=CONTACT),
    # Breaking the glass shows the record for a while, and no psychotherapy note.
    Rule(relations=("break-glass",), roles=CLINICIANS, actions=READ, classes=CONTACT | CLINICAL, aal=2),
)
