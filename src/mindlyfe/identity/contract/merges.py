"""Merging duplicates: two accounts that one patient has in a clinic become one, on the word of two people."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.members import Standing
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId

type Why = Literal["registered-twice", "invited-while-registered", "entered-twice"]
"""Fixed words: a reason in one's own would put names where nobody's key seals them."""
type Conflict = Literal[
    "birth-dates-differ",
    "birth-date-missing",
    "names-differ",
    "contacts-differ",
    "guardians-differ",
    "consents-differ",
    "suspended",
]
"""What speaks against one person being behind both accounts, or is lost with one of them. `contacts-differ`: safe name,
safe contact, phone or emergency contact. `consents-differ`: what one permits and the other does not."""
type MergeStatus = Literal["proposed", "declined", "lapsed", "running", "completed"]


class Duplicates(Command, frozen=True):
    """Two accounts of one patient: `duplicate` ends, `survivor` remains and has it all."""

    duplicate: PersonId
    survivor: PersonId


class ProposeMerge(Duplicates, frozen=True):
    """Merge them, if somebody else agrees. `acknowledged`: the conflicts of the preview, each looked at."""

    why: Why
    acknowledged: frozenset[Conflict] = frozenset()


class DecideMerge(Command, frozen=True):
    """Approve what a colleague proposed, or decline it."""

    decision: Literal["approve", "decline"]


class HeldRecords(msgspec.Struct, frozen=True):
    """How many records of one kind a context keeps of somebody, and the end of the last."""

    context: str
    records: str
    count: int
    latest: Instant | None


class MergeSide(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two accounts, as the clinic knows it."""

    person: PersonId
    name: str
    date_of_birth: date | None
    standing: Standing
    treated_by: list[PersonId]
    """Clinicians whose care runs, or was agreed for later."""
    permits: list[str]
    """Purposes of the consents that stand."""
    records: list[HeldRecords]


class MergePreview(msgspec.Struct, frozen=True):
    """What both have, and what speaks against it. A conflict in `blocks` must be resolved, the others acknowledged."""

    duplicate: MergeSide
    survivor: MergeSide
    conflicts: list[Conflict]
    blocks: list[Conflict]


class MergeView(msgspec.Struct, frozen=True, kw_only=True):
    """A merge and how far it is."""

    id: UUID
    duplicate: PersonId
    survivor: PersonId
    why: Why
    acknowledged: list[Conflict]
    status: MergeStatus
    proposed_by: PersonId
    proposed_at: Instant
    decide_by: Instant
    decided_by: PersonId | None
    decided_at: Instant | None
    duplicate_left_at: Instant | None
    contexts_confirmed: list[str]
    contexts_awaited: list[str]
    completed_at: Instant | None
    version: int


class MergeListed(msgspec.Struct, frozen=True):
    """A merge in the list of all."""

    id: UUID
    duplicate: PersonId
    survivor: PersonId
    status: MergeStatus
    proposed_at: Instant


class MemberMergedV1(Event, frozen=True, tag="identity.member-merged.v1"):
    """What was the duplicate's is the survivor's from now on. Told again, with an id of its own, as long as a context
    still holds something as the duplicate's: what is done already must not be done twice."""

    merge: UUID
    duplicate: PersonId
    survivor: PersonId
