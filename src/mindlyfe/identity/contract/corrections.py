"""Corrections: what a person finds wrong in what staff keeps of them, and the answer to it."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.erasures import Reason
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId

type CorrectionStatus = Literal["waiting", "accepted", "declined"]
What = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        description="Which record or field is wrong.",
        examples=["date of birth"],
    ),
]


class AskCorrection(Command, frozen=True):
    """Something that staff keeps is wrong. One's own profile is simply changed."""

    what: What
    words: Reason
    """What is wrong, and how it should be."""


class DecideCorrection(Command, frozen=True):
    """Accept it (and correct the record) or decline it; the person reads the reason."""

    decision: Literal["accept", "decline"]
    reason: Reason


class CorrectionView(msgspec.Struct, frozen=True, kw_only=True):
    """A correction that was asked for, and what became of it."""

    id: UUID
    person: PersonId
    what: str
    words: str
    status: CorrectionStatus
    asked_at: Instant
    reason: str
    decided_at: Instant | None
    version: int


class CorrectionDecidedV1(Event, frozen=True, tag="identity.correction-decided.v1"):
    """Staff answered; what they said stays with the correction."""

    person: PersonId
    correction: UUID
