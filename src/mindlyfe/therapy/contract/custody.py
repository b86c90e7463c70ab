"""Custody: what becomes of the notes of a clinician who left. What is asked, answered and refused of it."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant, PersonId

type Ground = Literal[
    "continuity-of-care", "patient-authorisation", "court-order", "duty-to-protect", "oversight-of-the-author"
]
"""Why a note is opened or handed over. The first is not enough for a psychotherapy note."""
type NoteKind = Literal["progress", "psychotherapy"]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=r"\S")]


class NameCustodian(Command, frozen=True):
    """Who keeps the notes of clinicians who leave: a supervisor, or the privacy officer."""

    person: PersonId


class CustodianView(msgspec.Struct, frozen=True):
    """Who keeps them now; null: nobody yet, and nobody reaches those notes."""

    person: PersonId | None
    version: int


class HandOverNote(Command, frozen=True):
    """Give a note to somebody who needs it; they read it and change nothing."""

    to: PersonId
    ground: Ground
    words: Words


class OpenNote(Command, frozen=True):
    """Why the custodian reads a note."""

    ground: Ground
    words: Words


class CustodyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A note of somebody who left, without its text."""

    id: UUID
    kind: NoteKind
    patient: PersonId
    author: PersonId
    stage: Literal["draft", "signed"]
    started_at: Instant


class GroundNotEnough(DomainError):
    """A psychotherapy note is not opened for this."""

    status = 422
    code = "ground-not-enough"
    advice = "Have the patient authorise it, or name the order or the danger that it is for."
