"""What identity answers to other contexts."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import address_change_stream, member_stream, recovery_stream
from mindlyfe.identity.application.clinics import seen
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.registrations import registrant
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.surviving import surviving
from mindlyfe.identity.contract import Contact, Link, OrganisationView
from mindlyfe.identity.domain.account import existing as existing_account
from mindlyfe.identity.domain.address_change import Asked, known
from mindlyfe.identity.domain.member import Member, existing
from mindlyfe.identity.domain.organisation import Organisation
from mindlyfe.identity.domain.organisation import existing as existing_organisation
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import REGION, PersonId, TenantId


@dataclass(frozen=True, slots=True)
class Questions:
    """Answers Recipients, Links, Organisations and People of the contract."""

    streams: IdentityStreams
    links: LinkMaker

    async def contact(self, *, tenant: TenantId, person: PersonId) -> Contact:
        """A member here, somebody registering here, or an account's owner by what their own clinic knows of them.

        A merged account's mail goes to the one that is left.
        """
        try:
            member, _ = await surviving(self.streams, tenant, person)
            if member is None and (wish := await registrant(self.streams, tenant, person)):
                return Contact(wish.name, wish.email, wish.locale, wish.zone)
            account, _ = await self.streams.accounts.load(REGION, member.person if member else person)
            if account is None:
                raise NotFound
            if member is None:
                member = existing(await self._member(account.home, person))
        except Erased:
            raise NotFound from None
        return _contact(member, account.email)

    async def former(self, *, tenant: TenantId, person: PersonId) -> Contact:
        """Whoever an account belonged to before it was merged, at its own address."""
        try:
            member = existing(await self._member(tenant, person))
            account, _ = await self.streams.accounts.load(REGION, person)
        except Erased:
            raise NotFound from None
        return _contact(member, existing_account(account).email)

    async def invited(self, *, tenant: TenantId, invitation: UUID) -> Contact:
        """Whom an invitation is for, in the clinic's language and zone until they choose their own."""
        try:
            state, _ = await self.streams.invitations.load(tenant, invitation)
        except Erased:
            raise NotFound from None
        if state is None:
            raise NotFound
        clinic, offer = await self._organisation(tenant), state.offer
        return Contact(offer.name, offer.email, offer.locale or clinic.locale, clinic.zone)

    async def moving(self, *, person: PersonId, ask: UUID, old: bool) -> Contact:
        """Somebody who asked to move, at the address they had then or at the one they want."""
        asked = await self._asked(person, ask)
        try:
            account, _ = await self.streams.accounts.load(REGION, person)
            member = existing(await self._member(existing_account(account).home, person))
        except Erased:
            raise NotFound from None
        return _contact(member, asked.old if old else asked.new)

    async def verification(self, *, tenant: TenantId, person: PersonId, flow: UUID) -> Link:
        """The link that proves the address of a registration."""
        try:
            state, _ = await self.streams.registrations.load(tenant, flow)
        except Erased:
            raise NotFound from None
        if state is None or state.wish is None or state.person != person:
            raise NotFound
        return self.links.link("verification", tenant, flow, state.wish.expires_at)

    async def invitation(self, *, tenant: TenantId, invitation: UUID) -> Link:
        """The link that accepts an invitation."""
        try:
            state, _ = await self.streams.invitations.load(tenant, invitation)
        except Erased:
            raise NotFound from None
        if state is None:
            raise NotFound
        return self.links.link("invitation", tenant, invitation, state.offer.expires_at)

    async def recovery(self, *, person: PersonId) -> Link:
        """The newest link by which the owner of an account chooses a new password."""
        state, _ = await self.streams.recoveries.load(REGION, recovery_stream(person))
        if state is None or state.person is None:
            raise NotFound
        return self.links.link("recovery", REGION, recovery_stream(person), state.expires_at)

    async def address_change(self, *, person: PersonId, ask: UUID) -> Link:
        """The link that proves a new address, which nobody has an account by."""
        asked = await self._asked(person, ask)
        if asked.owner:
            raise NotFound
        return self.links.link("address-change", REGION, address_change_stream(person), asked.expires_at)

    async def address_change_stop(self, *, person: PersonId, ask: UUID) -> Link:
        """The link that stops it."""
        asked = await self._asked(person, ask)
        return self.links.link("address-change-stop", REGION, address_change_stream(person), asked.expires_at)

    async def organisation(self, *, tenant: TenantId) -> OrganisationView:
        """The clinic."""
        state, version = await self.streams.organisations.load(tenant, tenant)
        return seen(tenant, existing_organisation(state), version)

    async def home(self, *, person: PersonId) -> OrganisationView:
        """The first clinic of an account's owner."""
        try:
            account, _ = await self.streams.accounts.load(REGION, person)
        except Erased:
            raise NotFound from None
        return await self.organisation(tenant=existing_account(account).home)

    async def zone(self, *, tenant: TenantId, person: PersonId) -> str:
        """The person's zone."""
        try:
            return existing(await self._member(tenant, person)).zone
        except Erased:
            raise NotFound from None

    async def belongs(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether the person is a member now."""
        try:
            member = await self._member(tenant, person)
        except Erased:
            return False
        return member is not None and member.standing != "left"

    async def _asked(self, person: PersonId, ask: UUID) -> Asked:
        try:
            state, _ = await self.streams.address_changes.load(REGION, address_change_stream(person))
        except Erased:
            raise NotFound from None
        return known(state, ask)

    async def _member(self, tenant: TenantId, person: PersonId) -> Member | None:
        state, _ = await self.streams.members.load(tenant, member_stream(tenant, person))
        return state

    async def _organisation(self, tenant: TenantId) -> Organisation:
        state, _ = await self.streams.organisations.load(tenant, tenant)
        return existing_organisation(state)


def _contact(member: Member, email: str) -> Contact:
    """How to reach a member, under the name that may be said; the other one stays here."""
    details, safe = member.details, member.details.safe_contact
    return Contact(
        details.safe_name or member.name,
        email,
        member.locale,
        member.zone,
        avoid=safe.avoid,
        discreet=safe.discreet,
        hours=safe.hours,
        sender=safe.sender,
        phone=details.phone or "",
        shared_phone=safe.shared_phone,
    )
