"""Handing a caseload over: from one clinician to another, at an instant."""

from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Command, Event, Instant, PersonId, TenantId

type Outcome = Literal["moved", "treats-already", "overlaps", "ended", "erased", "no-receiver"]
"""Of one relationship. `moved`: the receiver treats from the instant on, the giver until then. `treats-already`: so the
receiver did, and only the giver's was ended. The others changed nothing: the receiver is agreed for another time that
overlaps; it was over by then; the patient was erased; the receiver treats nobody here any more."""


class HandOver(Command, frozen=True):
    """Move care relationships of `giver` to `receiver` at an instant: of all the patients, or of those named."""

    giver: PersonId
    receiver: PersonId
    at: Instant | None = None
    """Now, when left out."""
    patients: Annotated[list[PersonId], msgspec.Meta(min_length=1, max_length=500)] | None = None
    """All, when left out."""


class HandedCare(msgspec.Struct, frozen=True):
    """One relationship, and what became of it, or would; None while it waits."""

    care: UUID
    patient: PersonId
    since: Instant
    until: Instant | None
    outcome: Outcome | None


class HandoverPreview(msgspec.Struct, frozen=True):
    """What a handover would do, were it ordered now."""

    total: int
    moves: int
    relations: list[HandedCare]


class HandoverView(msgspec.Struct, frozen=True):
    """A handover and how far it is."""

    id: UUID
    giver: PersonId
    receiver: PersonId
    at: Instant
    status: Literal["running", "finished"]
    total: int
    done: int
    moved: int
    relations: list[HandedCare]
    version: int


class CaseloadHandedOverV1(Event, frozen=True, tag="identity.caseload-handed-over.v1"):
    """All of a handover is done. What moved is told by the ends and beginnings of care."""

    handover: UUID
    giver: PersonId
    receiver: PersonId


class Handed(msgspec.Struct, frozen=True):
    """What the two clinicians are told."""

    moved: int
    at: Instant


class Handovers(Protocol):
    """What became of handovers."""

    async def handed(self, *, tenant: TenantId, handover: UUID) -> Handed:
        """How many relationships moved. Raises NotFound."""
        ...
