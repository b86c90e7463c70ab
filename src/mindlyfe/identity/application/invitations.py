"""Invitations: issue them, accept them."""

from dataclasses import dataclass

from mindlyfe.identity.application.acts import member_stream, private
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.ports import Addresses
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import AcceptInvitation, InvitationAccepted, InvitationView, Invite
from mindlyfe.identity.domain.account import Opened, admit, open_account
from mindlyfe.identity.domain.address import kept
from mindlyfe.identity.domain.calendar import known_zone
from mindlyfe.identity.domain.invitation import LASTS, Issued, accept, issue, offered
from mindlyfe.identity.domain.member import Joined, givable, join
from mindlyfe.identity.domain.organisation import existing
from mindlyfe.identity.domain.refusals import CodeInvalid, SignInFailed
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Act, PersonId, Principal
from mindlyfe.kernel.secrecy import Keys


@dataclass(frozen=True, slots=True)
class Invitations:
    """A clinic's offers to join."""

    streams: IdentityStreams
    addresses: Addresses
    credentials: Credentials
    links: LinkMaker
    keys: Keys
    clock: Clock
    ids: Ids

    async def issue(self, c: Invite, who: Principal) -> InvitationView:
        """Offer somebody these roles and have a mail sent. Raises RoleNotYours."""
        offer = Issued(
            person=PersonId(self.ids()),
            email=kept(c.email),
            name=c.name.strip(),
            roles=givable(c.roles, by=who.roles),
            expires_at=self.clock().replace(microsecond=0) + LASTS,
        )
        decided = await self.streams.invitations.decide(who.act, self.ids(), lambda state: issue(state, offer))
        state, _ = await self.streams.invitations.load(who.tenant, decided.stream)
        return InvitationView(decided.stream, state.offer.expires_at if state else offer.expires_at)

    async def accept(self, c: AcceptInvitation, act: Act) -> InvitationAccepted:
        """Join. Who has an account by the address must give its password; for others it becomes theirs.

        Raises CodeInvalid, CodeExpired, UnknownZone, WeakPassword, SignInFailed. Again, nothing.
        """
        ticket = self.links.ticket("invitation", c.code)
        now = self.clock()
        known_zone(c.zone)
        try:
            state, _ = await self.streams.invitations.load(ticket.tenant, ticket.id)
        except Erased:
            raise CodeInvalid from None
        offer = offered(state, now)
        if state and state.accepted_by is None:
            act = private(act, self.keys).within(ticket.tenant)
            person = await self._account(offer, c.password, act)
            await self._join(offer, person, c.zone, act)
            once = act.step("accepted")
            await self.streams.invitations.decide(once, ticket.id, lambda state: accept(state, by=person, now=now))
        return InvitationAccepted()

    async def _account(self, offer: Issued, password: str, act: Act) -> PersonId:
        """The owner of the address, admitted to the organisation; a new account if it has none."""
        region, organisation = act.within(REGION).step("account"), act.tenant
        owner = await self.addresses.owner(offer.email)
        if owner is None:
            made = await self.credentials.made(password, email=offer.email, name=offer.name)
            opened = Opened(person=offer.person, email=offer.email, password=made, organisation=organisation)
            await self.streams.accounts.decide(region, offer.person, lambda state: open_account(state, opened))
            return offer.person
        account, _ = await self.streams.accounts.load(REGION, owner)
        if not await self.credentials.match(account.password if account else None, password):
            raise SignInFailed("There is an account with this address: give its password.")
        await self.streams.accounts.decide(region, owner, lambda state: admit(state, organisation))
        return owner

    async def _join(self, offer: Issued, person: PersonId, zone: str, act: Act) -> None:
        clinic, _ = await self.streams.organisations.load(act.tenant, act.tenant)
        joined = Joined(
            person=person,
            name=offer.name,
            roles=offer.roles,
            zone=zone,
            locale=existing(clinic).locale,
            at=self.clock(),
        )
        stream = member_stream(act.tenant, person)
        await self.streams.members.decide(act.step("member"), stream, lambda state: join(state, joined))
