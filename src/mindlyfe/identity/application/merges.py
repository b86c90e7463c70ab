"""Merges of duplicates: previewed, proposed, decided by a second person, watched."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from mindlyfe.identity.application.acts import consent_stream, member_stream, merge_stream
from mindlyfe.identity.application.erasures import case_stream, erasure_stream
from mindlyfe.identity.application.ports import Caseloads
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.merges import (
    Conflict,
    DecideMerge,
    Duplicates,
    HeldRecords,
    MergeListed,
    MergePreview,
    MergeSide,
    MergeView,
    ProposeMerge,
)
from mindlyfe.identity.domain.consent import Key, standing, standings
from mindlyfe.identity.domain.erasure_request import ErasureRuns, LegalHold
from mindlyfe.identity.domain.likeness import BLOCKS, able, acknowledge, conflicts
from mindlyfe.identity.domain.member import Member
from mindlyfe.identity.domain.merge import Merge, Proposed, approve, decline, existing, propose, repeated
from mindlyfe.identity.domain.merge_refusals import ErasureWaits, TreatmentRuns
from mindlyfe.kernel.audit import AuditRow, row_of
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import PersonId, Principal, TenantId
from mindlyfe.kernel.personal import PersonData


class ListedMerges(Protocol):
    """The read model."""

    async def all(self, tenant: TenantId) -> list[MergeListed]:
        """The clinic's, newest first."""
        ...


class Audits(Protocol):
    """Where it is put down that both records were looked at."""

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """Returns when they are durable."""
        ...


class Pair(NamedTuple):
    """The two, what each permits, and what speaks against their being one."""

    duplicate: Member
    survivor: Member
    permits: tuple[frozenset[Key], frozenset[Key]]
    found: frozenset[Conflict]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequests:
    """What people decide about duplicates; `Merging` carries it out."""

    streams: IdentityStreams
    listed: ListedMerges
    caseloads: Caseloads
    sources: Mapping[str, PersonData]
    audit: Audits
    clock: Clock
    approved: Callable[[], None]
    """Called when there is something to carry out."""

    async def preview(self, c: Duplicates, who: Principal) -> MergePreview:
        """What both have, and what speaks against it. Raises what `_pair` raises, and Unavailable."""
        pair = await self._pair(c.duplicate, c.survivor, who)
        await self._noted("merges.previewed", pair.duplicate.person, pair.survivor.person, who)
        return MergePreview(
            await self._side(who.tenant, pair.duplicate, pair.permits[0]),
            await self._side(who.tenant, pair.survivor, pair.permits[1]),
            sorted(pair.found),
            sorted(pair.found & BLOCKS),
        )

    async def propose(self, merge: UUID, c: ProposeMerge, who: Principal) -> MergeView:
        """Propose it under an id that the caller made; the same again changes nothing.

        Raises what `_pair` raises, BirthDatesDiffer, ConflictsOpen, MergeTaken, MergeWaits.
        """
        stream = merge_stream(who.tenant, merge)
        state, _ = await self.streams.merges.load(who.tenant, stream)
        if state is not None:
            repeated(state, c.duplicate, c.survivor)
            return await self.one(merge, who)
        acknowledge((await self._pair(c.duplicate, c.survivor, who)).found, c.acknowledged)
        wish = Proposed(
            merge=merge,
            duplicate=c.duplicate,
            survivor=c.survivor,
            why=c.why,
            acknowledged=c.acknowledged,
            contexts=tuple(self.sources),
            by=who.id,
            at=self.clock(),
        )
        await self._noted("merge.proposed", c.duplicate, c.survivor, who)
        await self.streams.merges.decide(who.act, stream, lambda state: propose(state, wish))
        return await self.one(merge, who)

    async def decide(self, merge: UUID, c: DecideMerge, who: Principal, expected: int | None) -> MergeView:
        """Approve it, judged once more on what stands now, or decline it.

        Raises NotFound, MergeDecided, MergeLapsed, SecondPersonNeeded, VersionConflict, BirthDatesDiffer,
        ConflictsOpen, and what `_pair` raises.
        """
        state, _ = await self._existing(who.tenant, merge)
        now, stream = self.clock(), merge_stream(who.tenant, merge)
        if c.decision == "decline":
            await self.streams.merges.decide(
                who.act, stream, lambda s: decline(s, by=who.id, now=now), expected=expected
            )
        elif approve(state, by=who.id, found=frozenset(), now=now):
            pair = await self._pair(state.proposed.duplicate, state.proposed.survivor, who)
            acknowledge(pair.found, state.proposed.acknowledged)
            await self._noted("merge.approved", pair.duplicate.person, pair.survivor.person, who)
            await self.streams.merges.decide(
                who.act, stream, lambda s: approve(s, by=who.id, found=pair.found, now=now), expected=expected
            )
            self.approved()
        return await self.one(merge, who)

    async def one(self, merge: UUID, who: Principal) -> MergeView:
        """It and how far it is. Raises NotFound."""
        state, version = await self._existing(who.tenant, merge)
        return _view(state, version)

    async def all(self, who: Principal) -> list[MergeListed]:
        """The clinic's, newest first."""
        return await self.listed.all(who.tenant)

    async def _existing(self, tenant: TenantId, merge: UUID) -> tuple[Merge, int]:
        state, version = await self.streams.merges.load(tenant, merge_stream(tenant, merge))
        return existing(state), version

    async def _pair(self, duplicate: PersonId, survivor: PersonId, who: Principal) -> Pair:
        """Both, if they can be merged.

        Raises NotFound, SamePerson, NotYourself, PatientsOnly, LegalHold, ErasureRuns, ErasureWaits, TreatmentRuns,
        Unavailable.
        """
        try:
            members = [await self._member(who.tenant, person) for person in (duplicate, survivor)]
            one, other = able(members[0], members[1], by=who.id)
            for person in (duplicate, survivor):
                await self._staying(who.tenant, person)
            for source in self.sources.values():
                if await source.barred(tenant=who.tenant, person=duplicate):
                    raise TreatmentRuns
            permits = await self._permits(who.tenant, duplicate), await self._permits(who.tenant, survivor)
        except Erased:
            raise NotFound from None
        return Pair(one, other, permits, conflicts(one, other, permits))

    async def _member(self, tenant: TenantId, person: PersonId) -> Member | None:
        return (await self.streams.members.load(tenant, member_stream(tenant, person)))[0]

    async def _staying(self, tenant: TenantId, person: PersonId) -> None:
        """Nobody merges what is held, or is about to go. Raises LegalHold, ErasureRuns, ErasureWaits."""
        case, _ = await self.streams.cases.load(tenant, case_stream(tenant, person))
        erasing, _ = await self.streams.erasures.load(tenant, erasure_stream(tenant, person))
        if erasing or (case and case.status == "granted"):
            raise ErasureRuns
        if case and case.hold:
            raise LegalHold
        if case and case.status == "waiting":
            raise ErasureWaits

    async def _permits(self, tenant: TenantId, person: PersonId) -> frozenset[Key]:
        state, _ = await self.streams.consents.load(tenant, consent_stream(tenant, person))
        now = self.clock()
        stand = [one for one in standings(state) if standing(one, now) == "given"]
        return frozenset((one.purpose, one.recipient) for one in stand)

    async def _side(self, tenant: TenantId, member: Member, permits: frozenset[Key]) -> MergeSide:
        running = await self.caseloads.running(tenant, member.person)
        records = [
            HeldRecords(context, one.records, one.count, one.latest)
            for context, source in self.sources.items()
            for one in await source.retained(tenant=tenant, person=member.person)
        ]
        return MergeSide(
            person=member.person,
            name=member.name,
            date_of_birth=member.date_of_birth,
            standing=member.standing,
            treated_by=sorted({one.clinician for one in running if one.patient == member.person}),
            permits=sorted({purpose for purpose, _ in permits}),
            records=records,
        )

    async def _noted(self, action: str, duplicate: PersonId, survivor: PersonId, who: Principal) -> None:
        """A line for each of the two, who may ask who looked."""
        rows = [row_of(who.act, action, subject=person) for person in (duplicate, survivor)]
        await self.audit.read(rows)


def _view(merge: Merge, version: int) -> MergeView:
    known = merge.proposed
    return MergeView(
        id=known.merge,
        duplicate=known.duplicate,
        survivor=known.survivor,
        why=known.why,
        acknowledged=sorted(known.acknowledged),
        status=merge.status,
        proposed_by=known.by,
        proposed_at=known.at,
        decide_by=merge.decide_by,
        decided_by=merge.decided_by,
        decided_at=merge.decided_at,
        duplicate_left_at=merge.retired_at,
        contexts_confirmed=list(merge.confirmed),
        contexts_awaited=list(merge.awaited) if merge.status == "running" else [],
        completed_at=merge.completed_at,
        version=version,
    )
