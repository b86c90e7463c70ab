"""Clinics: the one-time set-up, and the links by which patients register."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from mindlyfe.identity.application.acts import member_stream, private
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import RegistrationLink, SetUp, SetUpDone
from mindlyfe.identity.domain import organisation
from mindlyfe.identity.domain.account import Opened, open_account
from mindlyfe.identity.domain.address import kept
from mindlyfe.identity.domain.calendar import known_zone
from mindlyfe.identity.domain.member import Joined, join
from mindlyfe.identity.domain.organisation import Founded, close_link, found, open_link
from mindlyfe.identity.domain.setup import Begun, SetUpOffer, begin, finish, offer
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import REGION, Act, ByKey, PersonId, Principal, Role, TenantId
from mindlyfe.kernel.roles import ADMIN, OPERATOR
from mindlyfe.kernel.secrecy import Keys

RUNNING: Final[frozenset[Role]] = ADMIN | OPERATOR


@dataclass(frozen=True, slots=True)
class SetUps:
    """Opens a clinic with its first administrator, by a one-time code."""

    streams: IdentityStreams
    credentials: Credentials
    links: LinkMaker
    keys: Keys
    region: str
    clock: Clock
    ids: Ids

    async def link(self, offered: UUID, act: Act) -> str:
        """A link for whoever started the installation; for the same offer the same one while it is good.

        Raises CodeUsed when a clinic was opened by it.
        """
        now = self.clock()
        await self.streams.offers.decide(act, offered, lambda state: offer(state, now))
        state, _ = await self.streams.offers.load(REGION, offered)
        if state is None:
            raise Unavailable
        return self.links.url("setup", self.links.code("setup", REGION, offered, state.expires_at))

    async def set_up(self, c: SetUp, act: Act) -> SetUpDone:
        """Open the clinic. Each step changes nothing when it is done, so that a broken request can be repeated.

        Raises CodeInvalid, CodeExpired, CodeUsed, UnknownZone, WeakPassword, AddressTaken.
        """
        ticket = self.links.ticket_in_time("setup", c.code)
        now, admin = self.clock(), c.administrator
        known_zone(c.organisation.zone)
        known_zone(admin.zone)
        email = kept(admin.email)
        password = await self.credentials.made(admin.password, email=email, name=admin.name)
        act = private(act, self.keys)
        wish = Begun(organisation=TenantId(self.ids()), administrator=PersonId(self.ids()))
        await self.streams.offers.decide(act.step("begin"), ticket.id, lambda state: begin(state, wish, now))
        state, _ = await self.streams.offers.load(REGION, ticket.id)
        if state is None or state.organisation is None or state.administrator is None:
            raise Unavailable
        tenant, person = state.organisation, state.administrator
        opened = Opened(person=person, email=email, password=password, organisation=tenant)
        await self.streams.accounts.decide(act.step("account"), person, lambda state: open_account(state, opened))
        await self._found(c, state, tenant, person, act.within(tenant))
        await self.streams.offers.decide(act.step("done"), ticket.id, finish)
        return SetUpDone(tenant, person)

    async def _found(self, c: SetUp, offered: SetUpOffer, tenant: TenantId, person: PersonId, act: Act) -> None:
        """The organisation, then its administrator, who runs the installation, too, if they held the code for that."""
        clinic = c.organisation
        founded = Founded(name=clinic.name.strip(), zone=clinic.zone, locale=clinic.locale.strip(), region=self.region)
        await self.streams.organisations.decide(act.step("organisation"), tenant, lambda s: found(s, founded))
        joined = Joined(
            person=person,
            name=c.administrator.name.strip(),
            roles=RUNNING if offered.operator else ADMIN,
            zone=c.administrator.zone,
            locale=clinic.locale.strip(),
            at=self.clock(),
        )
        await self.streams.members.decide(
            act.step("member"), member_stream(tenant, person), lambda state: join(state, joined)
        )


@dataclass(frozen=True, slots=True)
class RegistrationLinks:
    """Open registration is off until an administrator opens a link."""

    streams: IdentityStreams
    links: LinkMaker
    ids: Ids

    async def open(self, who: Principal) -> RegistrationLink:
        """Open one more. The same Idempotency-Key gives the same link."""
        once = who.act.once
        link = derived("registration-link", who.tenant, who.id, once.key) if isinstance(once, ByKey) else self.ids()
        await self.streams.organisations.decide(who.act, who.tenant, lambda state: open_link(state, link))
        return self._shown(who.tenant, link)

    async def all(self, who: Principal) -> list[RegistrationLink]:
        """The open ones, oldest first. Raises NotFound."""
        state, _ = await self.streams.organisations.load(who.tenant, who.tenant)
        return [self._shown(who.tenant, link) for link in organisation.existing(state).links]

    async def close(self, link: UUID, who: Principal) -> None:
        """Close one. Raises NotFound."""
        await self.streams.organisations.decide(who.act, who.tenant, lambda state: close_link(state, link))

    def _shown(self, tenant: TenantId, link: UUID) -> RegistrationLink:
        code = self.links.code("registration-link", tenant, link, None)
        return RegistrationLink(link, code, self.links.url("registration-link", code))
