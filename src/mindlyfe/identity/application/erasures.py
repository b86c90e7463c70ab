"""A person's wish to be erased, and the privacy officer's answer to it."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.application.ports import MergedAccounts
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.surviving import surviving
from mindlyfe.identity.contract.erasures import (
    Advice,
    DecideErasure,
    ErasureCase,
    ErasureListed,
    ErasureRequestView,
    Hold,
    Progress,
)
from mindlyfe.identity.domain import erasure_request as cases
from mindlyfe.identity.domain.erasure import Erasure
from mindlyfe.identity.domain.erasure_request import NOT_NOW, Asked, Case, HoldSet, LegalHold
from mindlyfe.identity.domain.member import Member, existing
from mindlyfe.identity.domain.organisation import Organisation
from mindlyfe.identity.domain.organisation import existing as existing_organisation
from mindlyfe.identity.domain.refusals import LastAdministrator
from mindlyfe.identity.domain.retention import advise, jurisdiction_of
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import PersonId, Principal, TenantId
from mindlyfe.kernel.personal import PersonData
from mindlyfe.kernel.roles import PATIENT


class ListedCases(Protocol):
    """The read model of cases."""

    async def all(self, tenant: TenantId) -> list[ErasureListed]:
        """The clinic's, newest first."""
        ...

    async def administrators(self, tenant: TenantId) -> int:
        """How many the clinic has."""
        ...


class Begins(Protocol):
    """Takes the person's roles and sessions, so that nothing new is made of them, and orders the erasing."""

    async def begin(self, tenant: TenantId, person: PersonId) -> None:
        """Again, nothing. Raises LastAdministrator."""
        ...


def case_stream(tenant: TenantId, person: PersonId) -> UUID:
    """The stream of a person's case."""
    return derived("erasure-request", tenant, person)


def erasure_stream(tenant: TenantId, person: PersonId) -> UUID:
    """The stream of a person's erasing."""
    return derived("erasure", tenant, person)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequests:
    """One case per person and organisation."""

    streams: IdentityStreams
    listed: ListedCases
    sources: Mapping[str, PersonData]
    begins: Begins
    merged: MergedAccounts
    clock: Clock

    async def ask(self, who: Principal) -> ErasureRequestView:
        """Ask for the caller. Done at once where no law wants anything kept. Raises NotFound."""
        member = await self._member(who.tenant, who.id)
        advice = await self._advice(who.tenant, member)
        wish = Asked(person=who.id, advice=advice, at=self.clock())
        at_once = member.roles == PATIENT and await self._hold(who.tenant, who.id) is None
        stream = case_stream(who.tenant, who.id)
        decided = await self.streams.cases.decide(
            who.act, stream, lambda state: cases.ask(state, wish, at_once=at_once)
        )
        case, _ = await self.streams.cases.load(who.tenant, stream)
        if case and case.status == "granted":
            await self.begins.begin(who.tenant, who.id)
        return _own(case, decided.version)

    async def own(self, who: Principal) -> ErasureRequestView:
        """The caller's own."""
        case, version = await self.streams.cases.load(who.tenant, case_stream(who.tenant, who.id))
        return _own(case, version)

    async def withdraw(self, who: Principal) -> None:
        """The caller thought better of it. Raises ErasureNotAsked, ErasureRuns."""
        now, stream = self.clock(), case_stream(who.tenant, who.id)
        await self.streams.cases.decide(who.act, stream, lambda state: cases.withdraw(state, now))

    async def all(self, who: Principal) -> list[ErasureListed]:
        """The clinic's cases, newest first."""
        return await self.listed.all(who.tenant)

    async def one(self, person: PersonId, who: Principal) -> ErasureCase:
        """A case with the policy's advice of today, or the progress of the erasing. Raises NotFound."""
        erasing, version = await self.streams.erasures.load(who.tenant, erasure_stream(who.tenant, person))
        if erasing:
            return _erasing(erasing, version)
        member = await self._member(who.tenant, person)
        person = member.person
        case, version = await self.streams.cases.load(who.tenant, case_stream(who.tenant, person))
        case = case or Case(person=person)
        return ErasureCase(
            person=person,
            status=case.status,
            asked_at=case.asked_at,
            advice=await self._advice(who.tenant, member),
            hold=await self._hold(who.tenant, person),
            reason=case.reason,
            progress=None,
            version=version,
        )

    async def decide(self, person: PersonId, c: DecideErasure, who: Principal, expected: int | None) -> ErasureCase:
        """Grant or refuse.

        Raises NotFound, ErasureNotAsked, OwnCase, LegalHold, RetentionForbids, LastAdministrator, VersionConflict.
        """
        member = await self._member(who.tenant, person)
        person = member.person
        if (
            c.decision == "grant"
            and "clinic-admin" in member.roles
            and await self.listed.administrators(who.tenant) < 2
        ):
            raise LastAdministrator
        advice, now, reason = await self._advice(who.tenant, member), self.clock(), c.reason.strip()
        decision, held = cases.grant if c.decision == "grant" else cases.refuse, await self._hold(who.tenant, person)
        if c.decision == "grant" and held:
            raise LegalHold
        await self.streams.cases.decide(
            who.act,
            case_stream(who.tenant, person),
            lambda state: decision(state, by=who.id, reason=reason, advice=advice, now=now),
            expected=expected,
        )
        if c.decision == "grant":
            await self.begins.begin(who.tenant, person)
        return await self.one(person, who)

    async def hold(self, person: PersonId, reason: str, who: Principal) -> None:
        """Let nothing of the person be erased. Raises NotFound, ErasureRuns, OwnCase."""
        person = (await self._member(who.tenant, person)).person
        wish = HoldSet(person=person, by=who.id, reason=reason.strip(), at=self.clock())
        await self.streams.cases.decide(who.act, case_stream(who.tenant, person), lambda state: cases.hold(state, wish))

    async def lift(self, person: PersonId, reason: str, who: Principal) -> None:
        """End the hold. Raises NotFound, NotHeld, OwnCase."""
        person = await self._held(who.tenant, (await self._member(who.tenant, person)).person)
        now = self.clock()
        await self.streams.cases.decide(
            who.act,
            case_stream(who.tenant, person),
            lambda state: cases.lift(state, by=who.id, reason=reason.strip(), now=now),
        )

    async def _held(self, tenant: TenantId, person: PersonId) -> PersonId:
        """Under which of the person's ids a hold stands: of an account that was merged while somebody set it, too."""
        for one in (person, *await self.merged.into(tenant, person)):
            with contextlib.suppress(Erased):
                case, _ = await self.streams.cases.load(tenant, case_stream(tenant, one))
                if case and case.hold:
                    return one
        return person

    async def _hold(self, tenant: TenantId, person: PersonId) -> Hold | None:
        stream = case_stream(tenant, await self._held(tenant, person))
        case, _ = await self.streams.cases.load(tenant, stream)
        return case.hold if case else None

    async def _member(self, tenant: TenantId, person: PersonId) -> Member:
        try:
            member, _ = await surviving(self.streams, tenant, person)
        except Erased:
            raise NotFound from None
        return existing(member)

    async def _advice(self, tenant: TenantId, member: Member) -> Advice:
        """Asks every context. Raises Unavailable when one does not answer: nothing is judged on half the records."""
        clinic, _ = await self.streams.organisations.load(tenant, tenant)
        ids = (member.person, *await self.merged.into(tenant, member.person))
        held = {
            context: [one for id_ in ids for one in await source.retained(tenant=tenant, person=id_)]
            for context, source in self.sources.items()
        }
        return advise(
            held,
            jurisdiction=_law(existing_organisation(clinic)),
            born=member.date_of_birth,
            now=self.clock(),
        )


def _law(clinic: Organisation) -> str:
    """Whose law holds in the clinic, as its administrators say, or else as its zone tells."""
    return jurisdiction_of(clinic.description.jurisdiction if clinic.description else "", zone=clinic.zone)


def _own(case: Case | None, version: int) -> ErasureRequestView:
    """Nothing of a hold, but that it cannot be done now."""
    case = case or Case(person=PersonId(derived("nobody")))
    held = case.hold is not None and case.status == "waiting"
    return ErasureRequestView(
        status=case.status,
        asked_at=case.asked_at,
        reason=NOT_NOW if held else case.reason,
        possible_on=case.possible_on,
        version=version,
    )


def _erasing(erasing: Erasure, version: int) -> ErasureCase:
    progress = Progress(
        ordered_at=erasing.ordered_at,
        contexts_confirmed=list(erasing.confirmed),
        contexts_awaited=list(erasing.awaited),
        keys_destroyed_at=erasing.keys_destroyed_at,
        completed_at=erasing.completed_at,
    )
    return ErasureCase(
        person=erasing.person,
        status="granted",
        asked_at=None,
        advice=None,
        hold=None,
        reason="",
        progress=progress,
        version=version,
    )
