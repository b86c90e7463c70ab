"""Who may touch which note. For everybody else it does not exist."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from mindlyfe.kernel.clinical import CLINICAL, RULES, WRITE
from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId, Principal, TenantId
from mindlyfe.kernel.policy import DataClass, Policy, Rule, Thing
from mindlyfe.kernel.roles import CLINICIANS
from mindlyfe.therapy.domain.note import Kind, Note

NOTE_POLICY: Final = Policy(
    *RULES,
    # Who began a note finishes it, adds to it and strikes it through after care has ended, too. Of notes alone:
    # elsewhere, having taken part in a thing is no reason to go on writing what is clinical.
    Rule(relations=("party",), roles=CLINICIANS, actions=WRITE, classes=CLINICAL, aal=2),
)
CLASSES: Final[Mapping[Kind, DataClass]] = {"progress": "clinical", "psychotherapy": "psychotherapy-note"}

OPEN_FOR: Final = timedelta(hours=24)
"""How long a custodian reads what they opened."""


class Where(NamedTuple):
    """A note by its patient: it is found under no other."""

    patient: PersonId
    note: UUID


def notes_of(tenant: TenantId, patient: PersonId, kind: Kind) -> Thing:
    """All notes of a kind on a patient: care opens them, having written one of them does not."""
    return Thing(tenant, patient, CLASSES[kind])


def new_note(who: Principal, patient: PersonId, kind: Kind) -> Thing:
    """A note that is to be begun: it takes care of the patient. A psychotherapy note is its author's from the start."""
    return Thing(who.tenant, patient, CLASSES[kind], (who.id,) if kind == "psychotherapy" else ())


def readers(note: Note, now: datetime) -> tuple[PersonId, ...]:
    """Whose the note is: its author's; when they left, whom it was handed to, and for a day who opened it."""
    opened = note.opened.by if note.opened and now - note.opened.at <= OPEN_FOR else None
    return tuple(one for one in (note.begun.author, note.keeper, opened) if one is not None)


def thing(tenant: TenantId, note: Note, now: datetime) -> Thing:
    """A note that is there, and whose it is."""
    return Thing(tenant, note.begun.patient, CLASSES[note.begun.kind], readers(note, now))


def placed(note: Note | None, patient: PersonId, kind: Kind) -> Note | None:
    """The note, where it was looked for: on this patient, among notes of this kind. Elsewhere there is none."""
    return note if note and (note.begun.patient, note.begun.kind) == (patient, kind) else None


def seen(note: Note | None, person: PersonId, now: datetime) -> Note:
    """The note, if it is there for this person, who reaches the record: a draft is its readers'. Raises NotFound."""
    if note is None or not (note.signed or person in readers(note, now)):
        raise NotFound
    return note


def own(note: Note, person: PersonId) -> Note:
    """The note, if this person wrote it. Raises Forbidden: they may look only."""
    if note.begun.author != person:
        raise Forbidden("only its author changes a note")
    return note


def kept(note: Note, person: PersonId, now: datetime) -> Note:
    """The note, if this person may let something out of it. Raises Forbidden: they may look only."""
    if person not in readers(note, now):
        raise Forbidden("only whose note it is discloses something of it")
    return note
