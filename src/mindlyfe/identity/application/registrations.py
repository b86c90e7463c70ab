"""Registration by a clinic's link, and the proof of the address that makes an account of it."""

from dataclasses import dataclass

from mindlyfe.identity.application.acts import member_stream, private, registration_stream, unrepeatable
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.ports import Addresses, Attempts
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import Accepted, Register, Verified, Verify
from mindlyfe.identity.contract.answers import RegistrationCancelled
from mindlyfe.identity.contract.commands import CancelRegistration
from mindlyfe.identity.domain.account import Opened, open_account
from mindlyfe.identity.domain.address import kept
from mindlyfe.identity.domain.calendar import known_zone, old_enough
from mindlyfe.identity.domain.codes import Ticket
from mindlyfe.identity.domain.details import Details, guarded, plausible
from mindlyfe.identity.domain.flags import SELF_REGISTRATION
from mindlyfe.identity.domain.member import Joined, join
from mindlyfe.identity.domain.organisation import joinable
from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid, RegistrationPaused
from mindlyfe.identity.domain.registration import (
    LASTS,
    Registration,
    Repeated,
    Started,
    VerificationFailed,
    cancel,
    confirm,
    guess,
    start,
    wished,
)
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.flags import Flags
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Act, PersonId, TenantId
from mindlyfe.kernel.secrecy import Keys


@dataclass(frozen=True, slots=True)
class Registrations:
    """Nothing here tells whether an address has an account: same answer, same work."""

    streams: IdentityStreams
    addresses: Addresses
    credentials: Credentials
    attempts: Attempts
    links: LinkMaker
    keys: Keys
    flags: Flags
    clock: Clock
    ids: Ids

    async def register(self, c: Register, act: Act) -> Accepted:
        """Note the wish and have a mail sent; the owner of an account is told that somebody tried.

        Raises CodeInvalid, CodeExpired, RegistrationPaused, UnknownZone, ImpossibleBirth, TooYoung, GuardianNeeded,
        UnknownPhone, WeakPassword, KeyReused.
        """
        ticket = self.links.ticket_in_time("registration-link", c.clinic)
        organisation, _ = await self.streams.organisations.load(ticket.tenant, ticket.tenant)
        clinic = joinable(organisation, ticket.id)
        if not await self.flags.on(SELF_REGISTRATION, ticket.tenant):
            raise RegistrationPaused
        now = self.clock()
        born = old_enough(c.date_of_birth, minimum=clinic.minimum_age, zone=known_zone(c.zone), now=now)
        guarded(c.guardian, born=born, zone=c.zone, now=now)
        plausible(Details(guardian=c.guardian))
        email = kept(c.email)
        password = await self.credentials.made(c.password, email=email, name=c.name)
        if not await self.attempts.may_write_to(email):
            return Accepted()
        person, owner = PersonId(self.ids()), await self.addresses.owner(email)
        wish = self._started(c, person, email, password)
        begun = Repeated(person=person, owner=owner, expires_at=wish.expires_at) if owner else wish
        once = private(act.within(ticket.tenant), self.keys)
        await self.streams.registrations.decide(once, registration_stream(person), lambda state: start(state, begun))
        return Accepted()

    async def verify(self, c: Verify, act: Act) -> Verified:
        """Make account and membership of the wish, by its code and password. Again, nothing.

        A code that is none, or nobody's, and a wrong password get the same answer after the same work. Raises
        VerificationFailed, CodeExpired, AddressTaken when another attempt by the same address was faster.
        """
        try:
            ticket, state = await self._asked(c.code)
            wish = wished(state, self.clock())
        except (CodeInvalid, CodeExpired) as refusal:
            await self.credentials.match(None, c.password)
            raise VerificationFailed if isinstance(refusal, CodeInvalid) else refusal from None
        act, now = private(act, self.keys).within(ticket.tenant), self.clock()
        if not await self.credentials.match(wish.password, c.password):
            await self.streams.registrations.decide(unrepeatable(act), ticket.id, lambda state: guess(state, now))
            raise VerificationFailed
        if state and state.status == "open":
            await self._open(wish, act)
            await self.streams.registrations.decide(act.step("confirmed"), ticket.id, lambda state: confirm(state, now))
        return Verified()

    async def cancel(self, c: CancelRegistration, act: Act) -> RegistrationCancelled:
        """Let nobody confirm it any more; what was given is deleted soon. Again, nothing.

        Raises CodeInvalid, CodeUsed once it was confirmed.
        """
        now = self.clock()
        try:
            ticket, _ = await self._asked(c.code)
        except CodeExpired:
            return RegistrationCancelled()  # nothing is left of it
        await self.streams.registrations.decide(act.within(ticket.tenant), ticket.id, lambda state: cancel(state, now))
        return RegistrationCancelled()

    async def _asked(self, code: str) -> tuple[Ticket, Registration | None]:
        """What a code stands for. Raises CodeInvalid, CodeExpired when it was deleted."""
        ticket = self.links.ticket("verification", code)
        try:
            state, _ = await self.streams.registrations.load(ticket.tenant, ticket.id)
        except Erased:
            raise CodeExpired from None
        return ticket, state

    async def _open(self, wish: Started, act: Act) -> None:
        """Each step changes nothing when it is done already, so that a broken request can be repeated."""
        opened = Opened(person=wish.person, email=wish.email, password=wish.password, organisation=act.tenant)
        account = act.within(REGION).step("account")
        await self.streams.accounts.decide(account, wish.person, lambda state: open_account(state, opened))
        joined = Joined(
            person=wish.person,
            name=wish.name,
            roles=frozenset({"patient"}),
            zone=wish.zone,
            locale=wish.locale,
            date_of_birth=wish.date_of_birth,
            guardian=wish.guardian,
            at=self.clock(),
        )
        stream = member_stream(act.tenant, wish.person)
        await self.streams.members.decide(act.step("member"), stream, lambda state: join(state, joined))

    def _started(self, c: Register, person: PersonId, email: str, password: str) -> Started:
        return Started(
            person=person,
            email=email,
            password=password,
            name=c.name.strip(),
            date_of_birth=c.date_of_birth,
            zone=c.zone,
            locale=c.locale.strip(),
            expires_at=self.clock().replace(microsecond=0) + LASTS,
            guardian=c.guardian,
        )


async def registrant(streams: IdentityStreams, tenant: TenantId, person: PersonId) -> Started | None:
    """What somebody told who is registering, or None."""
    state, _ = await streams.registrations.load(tenant, registration_stream(person))
    return state.wish if state else None
