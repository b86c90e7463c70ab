"""Invitations: issue them, send them again, take them back, accept them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from mindlyfe.identity.application.acts import member_stream, private, unrepeatable
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.ports import Addresses
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.tries import Tries
from mindlyfe.identity.contract import AcceptInvitation, InvitationAccepted, InvitationView, Invite
from mindlyfe.identity.domain.account import Opened, admit, open_account
from mindlyfe.identity.domain.address import kept
from mindlyfe.identity.domain.calendar import known_zone, old_enough
from mindlyfe.identity.domain.invitation import (
    LASTS,
    Issued,
    accept,
    born_as,
    guess,
    invitable,
    issue,
    looked_after,
    offered,
    reissue,
    withdraw,
)
from mindlyfe.identity.domain.member import Joined, join, joinable
from mindlyfe.identity.domain.organisation import existing
from mindlyfe.identity.domain.refusals import BirthMismatch, CodeInvalid, SignInFailed
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, TooMany
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Act, PersonId, Principal
from mindlyfe.kernel.secrecy import Keys


@dataclass(frozen=True, slots=True)
class Invitations:
    """A clinic's offers to join."""

    streams: IdentityStreams
    addresses: Addresses
    credentials: Credentials
    tries: Tries
    links: LinkMaker
    keys: Keys
    clock: Clock
    ids: Ids

    async def issue(self, c: Invite, who: Principal) -> InvitationView:
        """Offer somebody these roles and have a mail sent.

        Raises RoleNotYours; for a patient BirthMissing, ImpossibleBirth, TooYoung.
        """
        roles = invitable(c.roles, by=who.roles)
        offer = Issued(
            person=PersonId(self.ids()),
            email=kept(c.email),
            name=c.name.strip(),
            roles=roles,
            expires_at=self._ends(),
            date_of_birth=await self._treatable(c.date_of_birth, who) if "patient" in roles else None,
            locale=c.locale or "",
        )
        decided = await self.streams.invitations.decide(who.act, self.ids(), lambda state: issue(state, offer))
        return await self._shown(decided.stream, who)

    async def resend(self, invitation: UUID, who: Principal) -> InvitationView:
        """Have the mail sent again, with a link that lasts anew. Raises NotFound, InvitationClosed, TooMany."""
        state, _ = await self.streams.invitations.load(who.tenant, invitation)
        offer = looked_after(state, by=who.roles).offer
        if not await self.tries.attempts.may_write_to(offer.email):
            raise TooMany("This address got many messages within the hour. Try again later.")
        ends = self._ends()
        await self.streams.invitations.decide(
            who.act, invitation, lambda state: reissue(state, by=who.roles, expires_at=ends)
        )
        return await self._shown(invitation, who)

    async def withdraw(self, invitation: UUID, who: Principal) -> None:
        """Take it back; again, nothing. Raises NotFound, InvitationClosed."""
        now = self.clock()
        await self.streams.invitations.decide(
            who.act, invitation, lambda state: withdraw(state, by=who.id, roles=who.roles, now=now)
        )

    async def accept(self, c: AcceptInvitation, act: Act) -> InvitationAccepted:
        """Join. Who has an account by the address must give its password; for others it becomes theirs.

        Raises CodeInvalid, CodeExpired, UnknownZone, WeakPassword, SignInFailed, TooMany, MergedAway; for a patient
        BirthMissing, BirthMismatch. Again, nothing.
        """
        ticket = self.links.ticket("invitation", c.code)
        now = self.clock()
        known_zone(c.zone)
        try:
            state, _ = await self.streams.invitations.load(ticket.tenant, ticket.id)
        except Erased:
            raise CodeInvalid from None
        offer = offered(state, ends=ticket.expires_at, now=now)
        if state and state.accepted_by is None:
            act = private(act, self.keys).within(ticket.tenant)
            await self._recognise(offer, c.date_of_birth, ticket.id, act)
            person = await self._account(offer, c.password, act)
            await self._join(offer, person, c.zone, act)
            once = act.step("accepted")
            await self.streams.invitations.decide(once, ticket.id, lambda state: accept(state, by=person, now=now))
        return InvitationAccepted()

    async def _recognise(self, offer: Issued, born: date | None, invitation: UUID, act: Act) -> None:
        """A wrong date of birth is counted, each time."""
        try:
            born_as(offer, born)
        except BirthMismatch:
            now = self.clock()
            await self.streams.invitations.decide(unrepeatable(act), invitation, lambda state: guess(state, now))
            raise

    async def _account(self, offer: Issued, password: str, act: Act) -> PersonId:
        """The owner of the address, admitted to the organisation; a new account if it has none."""
        region, organisation = act.within(REGION).step("account"), act.tenant
        owner = await self.addresses.owner(offer.email)
        if owner is None:
            made = await self.credentials.made(password, email=offer.email, name=offer.name)
            opened = Opened(person=offer.person, email=offer.email, password=made, organisation=organisation)
            await self.streams.accounts.decide(region, offer.person, lambda state: open_account(state, opened))
            return offer.person
        await self.tries.admit(offer.email, act)
        account, _ = await self.streams.accounts.load(REGION, owner)
        if not await self.credentials.match(account.password if account else None, password):
            await self.tries.failed(offer.email, act, owner, SignInFailed)
            raise SignInFailed("There is an account with this address: give its password.")
        await self.tries.succeeded(offer.email, act)
        joinable((await self.streams.members.load(organisation, member_stream(organisation, owner)))[0])
        await self.streams.accounts.decide(region, owner, lambda state: admit(state, organisation))
        return owner

    async def _join(self, offer: Issued, person: PersonId, zone: str, act: Act) -> None:
        clinic, _ = await self.streams.organisations.load(act.tenant, act.tenant)
        joined = Joined(
            person=person,
            name=offer.name,
            roles=offer.roles,
            zone=zone,
            locale=offer.locale or existing(clinic).locale,
            date_of_birth=offer.date_of_birth,
            at=self.clock(),
        )
        stream = member_stream(act.tenant, person)
        await self.streams.members.decide(act.step("member"), stream, lambda state: join(state, joined))

    async def _treatable(self, born: date | None, who: Principal) -> date | None:
        clinic, _ = await self.streams.organisations.load(who.tenant, who.tenant)
        known = existing(clinic)
        return born and old_enough(born, minimum=known.minimum_age, zone=known.zone, now=self.clock())

    async def _shown(self, invitation: UUID, who: Principal) -> InvitationView:
        state, _ = await self.streams.invitations.load(who.tenant, invitation)
        return InvitationView(invitation, looked_after(state, by=who.roles).offer.expires_at)

    def _ends(self) -> datetime:
        return self.clock().replace(microsecond=0) + LASTS
