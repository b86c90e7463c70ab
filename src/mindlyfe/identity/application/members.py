"""Who the caller is here, and what members may do."""

from dataclasses import dataclass

from mindlyfe.identity.application.acts import member_stream
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import AssignRoles, Me, MemberSaved
from mindlyfe.identity.domain import account, organisation
from mindlyfe.identity.domain.member import assign, existing, givable
from mindlyfe.kernel.messages import REGION, PersonId, Principal


@dataclass(frozen=True, slots=True)
class Members:
    """People in one organisation."""

    streams: IdentityStreams

    async def me(self, who: Principal) -> Me:
        """The caller, as the organisation of their token knows them. Raises NotFound, Erased."""
        member, version = await self.streams.members.load(who.tenant, member_stream(who.tenant, who.id))
        mine = existing(member)
        accounts, _ = await self.streams.accounts.load(REGION, who.id)
        clinic, _ = await self.streams.organisations.load(who.tenant, who.tenant)
        return Me(
            person=who.id,
            organisation=who.tenant,
            organisation_name=organisation.existing(clinic).name,
            name=mine.name,
            pronouns=mine.pronouns,
            email=account.existing(accounts).email,
            roles=mine.roles,
            zone=mine.zone,
            locale=mine.locale,
            version=version,
        )

    async def assign_roles(self, person: PersonId, c: AssignRoles, who: Principal, expected: int | None) -> MemberSaved:
        """Give a member exactly these roles. Raises NotFound, RoleNotYours, LastAdministrator, VersionConflict."""
        decided = await self.streams.members.decide(
            who.act,
            member_stream(who.tenant, person),
            lambda state: assign(state, givable(c.roles, by=who.roles, kept=existing(state).roles)),
            expected=expected,
        )
        return MemberSaved(person, decided.version)
