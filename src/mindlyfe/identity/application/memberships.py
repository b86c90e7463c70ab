"""Members as administrators manage them: read, suspended, reinstated, registered; and leaving by oneself."""

from dataclasses import dataclass

from mindlyfe.identity.application.acts import care_stream, member_stream
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.ports import Attempts, Caseloads
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import MemberSaved
from mindlyfe.identity.contract.members import EnterRegister, MemberDetail, RegisterEntry, SuspendMember
from mindlyfe.identity.domain import account, care
from mindlyfe.identity.domain.member import RegisterEntered, belonging, existing
from mindlyfe.identity.domain.refusals import StillCaring
from mindlyfe.identity.domain.standing import enter_register, leave, reinstate, suspend
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import REGION, PersonId, Principal


@dataclass(frozen=True, slots=True)
class Memberships:
    """Where people stand in one organisation."""

    streams: IdentityStreams
    attempts: Attempts
    caseloads: Caseloads
    endings: Endings
    clock: Clock

    async def detail(self, person: PersonId, who: Principal) -> MemberDetail:
        """One member, past ones too. Raises NotFound."""
        try:
            state, version = await self.streams.members.load(who.tenant, member_stream(who.tenant, person))
            member = existing(state)
            owner, _ = await self.streams.accounts.load(REGION, person)
        except Erased:
            raise NotFound from None
        entry = member.register
        return MemberDetail(
            person=person,
            name=member.name,
            pronouns=member.pronouns,
            email=account.existing(owner).email,
            roles=member.roles,
            zone=member.zone,
            locale=member.locale,
            standing=member.standing,
            reason=member.reason,
            register=RegisterEntry(entry.profession, entry.licence, entry.valid_until) if entry else None,
            merged_into=member.merged_into,
            version=version,
        )

    async def suspend(self, person: PersonId, c: SuspendMember, who: Principal, expected: int | None) -> MemberSaved:
        """Let a member do nothing here.

        Raises NotFound, NotYourself, RoleNotYours, LastAdministrator, VersionConflict.
        """
        now, reason = self.clock(), c.reason.strip()
        decided = await self.streams.members.decide(
            who.act,
            member_stream(who.tenant, person),
            lambda state: suspend(state, by=who.id, roles=who.roles, reason=reason, now=now),
            expected=expected,
        )
        await self.endings.end(who.act, person, organisation=who.tenant)
        return MemberSaved(person, decided.version)

    async def reinstate(self, person: PersonId, who: Principal, expected: int | None) -> MemberSaved:
        """Let a member do again what their roles allow. Raises NotFound, NotYourself, RoleNotYours, VersionConflict."""
        now = self.clock()
        decided = await self.streams.members.decide(
            who.act,
            member_stream(who.tenant, person),
            lambda state: reinstate(state, by=who.id, roles=who.roles, now=now),
            expected=expected,
        )
        return MemberSaved(person, decided.version)

    async def enter_register(
        self, person: PersonId, c: EnterRegister, who: Principal, expected: int | None
    ) -> MemberSaved:
        """Note what the professional register says. Raises NotFound, NotStaff, VersionConflict."""
        entry = RegisterEntered(
            person=person, profession=c.profession.strip(), licence=c.licence.strip(), valid_until=c.valid_until
        )
        decided = await self.streams.members.decide(
            who.act,
            member_stream(who.tenant, person),
            lambda state: enter_register(state, entry),
            expected=expected,
        )
        return MemberSaved(person, decided.version)

    async def pardon(self, person: PersonId, who: Principal) -> None:
        """Forget a member's failed attempts to sign in. Raises NotFound, Unavailable."""
        try:
            state, _ = await self.streams.members.load(who.tenant, member_stream(who.tenant, person))
            belonging(state)
            owner, _ = await self.streams.accounts.load(REGION, person)
        except Erased:
            raise NotFound from None
        await self.attempts.pardon(account.existing(owner).email)

    async def leave(self, who: Principal) -> None:
        """End the caller's membership. Treatment they receive ends with it; who treats others hands them over first.

        Each step changes nothing when it is done, so that a broken request can be repeated.
        Raises StillCaring, LastAdministrator.
        """
        now = self.clock()
        running = await self.caseloads.running(who.tenant, who.id)
        if any(one.clinician == who.id for one in running):
            raise StillCaring
        stream = member_stream(who.tenant, who.id)
        await self.streams.members.decide(who.act.step("left"), stream, lambda state: leave(state, now))
        for one in running:
            await self.streams.care.decide(
                who.act.step(f"care/{one.id}"),
                care_stream(who.tenant, one.id),
                lambda state: care.cease(state, by=who.id, now=now),
            )
        await self.streams.accounts.decide(
            who.act.within(REGION).step("account"), who.id, lambda state: account.depart(state, who.tenant)
        )
        await self.endings.end(who.act, who.id, organisation=who.tenant)
