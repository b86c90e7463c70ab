"""Custody: the custodian lists what those who left alone could read, hands it over, or opens it. See ADR 22."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract import People
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract.custody import (
    CustodianView,
    CustodyEntry,
    GroundNotEnough,
    HandOverNote,
    NameCustodian,
    OpenNote,
)
from mindlyfe.therapy.contract.note_refusals import NoteStruck
from mindlyfe.therapy.contract.notes import NoteEntry, NoteSaved
from mindlyfe.therapy.domain.custody import Custodian, HandedOver, Named, Opened, name
from mindlyfe.therapy.domain.note import Change, Kind, Note
from mindlyfe.therapy.domain.note_access import Where, placed


class KeptNotes(Protocol):
    """The read model of one kind of notes."""

    async def in_custody(self, tenant: TenantId, *, signed: bool) -> list[NoteEntry]:
        """Drafts, and with `signed` all notes, of who left, which nobody was given."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Custodians:
    """Who keeps the notes of clinicians who leave. A clinic has one; until one is named, nobody reaches them."""

    streams: Streams[Custodian, Named]
    people: People

    async def name(self, c: NameCustodian, who: Principal, act: Act, expected: int | None) -> CustodianView:
        """Name them. Raises NotFound (nobody here), VersionConflict, Unavailable."""
        if not await self.people.belongs(tenant=who.tenant, person=c.person):
            raise NotFound
        decided = await self.streams.decide(
            act, _stream(who.tenant), lambda state: name(state, person=c.person, by=who.id), expected=expected
        )
        return CustodianView(c.person, decided.version)

    async def current(self, tenant: TenantId) -> CustodianView:
        """Who it is."""
        state, version = await self.streams.load(tenant, _stream(tenant))
        return CustodianView(state.person if state else None, version)

    async def require(self, who: Principal) -> None:
        """Raises NotFound unless the caller is the custodian and belongs to the clinic; Unavailable."""
        current = await self.current(who.tenant)
        if current.person != who.id or not await self.people.belongs(tenant=who.tenant, person=who.id):
            raise NotFound

    async def gone(self, tenant: TenantId, persons: frozenset[PersonId]) -> frozenset[PersonId]:
        """Those of them who belong to the clinic no longer. Raises Unavailable."""
        return frozenset([one for one in persons if not await self.people.belongs(tenant=tenant, person=one)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Notes of one kind, in custody. The custodian reads none of them without saying on record what for."""

    kind: Kind
    streams: Streams[Note, Change]
    custodians: Custodians
    listed: KeptNotes
    clock: Clock

    async def all(self, who: Principal) -> list[CustodyEntry]:
        """What is in the caller's custody, without its text. Raises NotFound, Unavailable."""
        await self.custodians.require(who)
        found = await self.listed.in_custody(who.tenant, signed=self.kind == "psychotherapy")
        gone = await self.custodians.gone(who.tenant, frozenset(one.author for one in found))
        return [
            CustodyEntry(
                id=one.id,
                kind=self.kind,
                patient=one.patient,
                author=one.author,
                stage="signed" if one.stage == "signed" else "draft",
                started_at=one.started_at,
            )
            for one in found
            if one.author in gone
        ]

    async def hand_over(self, where: Where, c: HandOverNote, who: Principal, act: Act) -> NoteSaved:
        """Give it to somebody. Raises NotFound, NoteStruck, GroundNotEnough, Unavailable."""
        await self._kept(where, who, c)
        if not await self.custodians.people.belongs(tenant=who.tenant, person=c.to):
            raise NotFound
        event = HandedOver(to=c.to, by=who.id, ground=c.ground, words=c.words, at=self.clock())
        return await self._decide(where, act, lambda note: [] if note.keeper == c.to else [event])

    async def open(self, where: Where, c: OpenNote, who: Principal, act: Act) -> NoteSaved:
        """Read it for a day. Raises NotFound, NoteStruck, GroundNotEnough, Unavailable."""
        await self._kept(where, who, c)
        event = Opened(by=who.id, ground=c.ground, words=c.words, at=self.clock())
        return await self._decide(where, act, lambda _: [event])

    async def _kept(self, where: Where, who: Principal, c: HandOverNote | OpenNote) -> None:
        """The note is there, is the custodian's to keep, and this is reason enough."""
        await self.custodians.require(who)
        try:
            state, _ = await self.streams.load(who.tenant, where.note)
        except Erased:
            raise NotFound from None
        found = placed(state, where.patient, self.kind)
        if found is None or not (self.kind == "psychotherapy" or found.stage != "signed"):
            raise NotFound
        if not await self.custodians.gone(who.tenant, frozenset({found.begun.author})):
            raise NotFound
        if found.struck:
            raise NoteStruck
        if self.kind == "psychotherapy" and c.ground == "continuity-of-care":
            raise GroundNotEnough

    async def _decide(self, where: Where, act: Act, decision: Callable[[Note], Sequence[Change]]) -> NoteSaved:
        def existing(state: Note | None) -> Sequence[Change]:
            if state is None:
                raise NotFound
            return decision(state)

        decided = await self.streams.decide(act, where.note, existing)
        return NoteSaved(where.note, decided.version)


def _stream(tenant: TenantId) -> UUID:
    return derived("note-custodian", tenant)
