"""Which notes a clinician finds: those of a patient in their care, their own, and what waits for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Principal, TenantId
from mindlyfe.kernel.paging import Page
from mindlyfe.kernel.reach import AskedTies, KnownTies, Reach
from mindlyfe.therapy.contract.notes import NoteEntry, Stage
from mindlyfe.therapy.domain.note import Kind
from mindlyfe.therapy.domain.note_access import notes_of


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list: a page of it, newest first, and who reads it."""

    reader: PersonId
    own: bool = False
    """Only what the reader wrote."""
    stage: Stage | None = None
    """None: all but what is struck through."""
    limit: int = 50
    cursor: str | None = None


class ListedNotes(Protocol):
    """Notes of one kind without their text; the adapters provide it. All raise Malformed for a wrong cursor."""

    async def of_patient(self, tenant: TenantId, patient: PersonId, wanted: Wanted) -> Page[NoteEntry]:
        """What the reader may see of a patient's: signed ones, and their own."""
        ...

    async def unsigned(self, tenant: TenantId, wanted: Wanted) -> Page[NoteEntry]:
        """The reader's own drafts."""
        ...

    async def to_cosign(self, tenant: TenantId, now: datetime, wanted: Wanted) -> Page[NoteEntry]:
        """What clinicians whom the reader supervises want co-signed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteListing:
    """Lists of notes of one kind."""

    kind: Kind
    reach: Reach
    listed: ListedNotes
    known: KnownTies
    asked: AskedTies
    clock: Clock

    async def of_patient(
        self, patient: PersonId, who: Principal, *, stage: Stage | None, limit: int, cursor: str | None
    ) -> Page[NoteEntry]:
        """By care all that is signed; without it, and of psychotherapy ever, what the caller wrote.

        Raises NotFound, AssuranceTooLow, Malformed, Unavailable.
        """
        verdict = await self.reach.decide(who, "read", notes_of(who.tenant, patient, self.kind))
        if verdict.lacks == "assurance":
            raise verdict.refusal
        wanted = Wanted(reader=who.id, own=not verdict.allowed, stage=stage, limit=limit, cursor=cursor)
        page = await self.listed.of_patient(who.tenant, patient, wanted)
        if not verdict.tied and not page.items and not await self._treated(patient, who):
            raise NotFound
        return page

    async def unsigned(self, who: Principal, *, limit: int, cursor: str | None) -> Page[NoteEntry]:
        """The caller's own drafts. Raises Malformed."""
        return await self.listed.unsigned(who.tenant, Wanted(reader=who.id, limit=limit, cursor=cursor))

    async def to_cosign(self, who: Principal, *, limit: int, cursor: str | None) -> Page[NoteEntry]:
        """What waits for the caller's co-signature. Raises Malformed, Unavailable."""
        now = self.clock()
        held = await self.asked.held(tenant=who.tenant, holder=who.id)
        await self.known.replace(who.tenant, who.id, held, now)
        return await self.listed.to_cosign(who.tenant, now, Wanted(reader=who.id, limit=limit, cursor=cursor))

    async def _treated(self, patient: PersonId, who: Principal) -> bool:
        """Whether a tie opens the record to the caller: then an empty list tells nothing new."""
        if self.kind == "progress":
            return False
        return (await self.reach.decide(who, "read", notes_of(who.tenant, patient, "progress"))).tied
