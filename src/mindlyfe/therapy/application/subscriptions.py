"""Appointments read by calendar apps: at a secret address, of which a keyed digest is all that is kept."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError, Erased, NotFound
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import Act, ByKey, Heard, PersonId, Principal, TenantId
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract.calendars import Shows, SubscriptionSaved, SubscriptionView
from mindlyfe.therapy.domain.line import BUSY, DISCREET, Line, initials
from mindlyfe.therapy.domain.subscription import (
    Change,
    Subscription,
    SubscriptionOpened,
    cut,
    open_,
    revoke,
    show,
)

PURPOSE: Final = "calendar-address"
SUFFIX: Final = ".ics"
SECRET_BYTES: Final = 32
PAST: Final = timedelta(days=90)
"""How much of what is over is shown."""


class Subscriber(NamedTuple):
    """Whose address it is, and what it says of patients."""

    person: PersonId
    shows: Shows


class Subscribers(Protocol):
    """The read model."""

    async def by(self, tenant: TenantId, digest: bytes) -> Subscriber | None:
        """Whose address has this digest."""
        ...

    async def lines(
        self, tenant: TenantId, person: PersonId, since: datetime
    ) -> Sequence[tuple[PersonId | None, Line]]:
        """The person's appointments from `since` on, with their patients; of a series that goes on, all."""
        ...


class Writes(Protocol):
    """Writes calendars."""

    def __call__(self, lines: Sequence[Line], *, name: str) -> bytes:
        """The lines as one document; the same bytes for the same lines."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """One's own address, and what is read there."""

    streams: Streams[Subscription, Change]
    subscribers: Subscribers
    patients: Patients
    writes: Writes
    keys: Keys
    public_url: str
    clock: Clock
    ids: Ids

    async def open(self, who: Principal, act: Act) -> SubscriptionSaved:
        """Make an address; the one before counts no longer. The same request again, the same address."""
        once = act.once.key if isinstance(act.once, ByKey) else self.ids()
        secret = self._secret(who, str(once))
        digest = self.keys.digest(PURPOSE, secret).hex()
        wish = SubscriptionOpened(person=who.id, digest=digest, at=self.clock())
        decided = await self.streams.decide(act, stream(who.tenant, who.id), lambda state: open_(state, wish))
        return SubscriptionSaved(url=f"{self.public_url}/v1/calendars/{secret}{SUFFIX}", version=decided.version)

    async def show(self, shows: Shows, who: Principal, act: Act) -> SubscriptionView:
        """Say this of patients."""
        at = stream(who.tenant, who.id)
        await self.streams.decide(act, at, lambda state: show(state, person=who.id, shows=shows))
        return await self.own(who)

    async def revoke(self, who: Principal, act: Act) -> None:
        """Let no address count. Raises NotFound when none does."""
        await self.streams.decide(act, stream(who.tenant, who.id), revoke)

    async def own(self, who: Principal) -> SubscriptionView:
        """Whether there is an address."""
        state, version = await self.streams.load(who.tenant, stream(who.tenant, who.id))
        known = state or Subscription(person=who.id)
        return SubscriptionView(since=known.since, shows=known.shows, version=version)

    async def left(self, heard: Heard[MemberLeftV1]) -> None:
        """Who belongs to the clinic no longer reads nothing of it."""
        at = stream(heard.act.tenant, heard.event.person)
        try:
            await self.streams.decide(heard.act.step("subscription"), at, cut)
        except Erased:
            return

    async def read(self, address: str) -> bytes:
        """The calendar at an address. Raises NotFound, Unavailable."""
        secret = address.removesuffix(SUFFIX)
        tenant = tenant_of(secret)
        found = await self.subscribers.by(tenant, self.keys.digest(PURPOSE, secret))
        if found is None or secret == address:
            raise NotFound
        today = self.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        lines = await self.subscribers.lines(tenant, found.person, today - PAST)
        met = {patient for patient, _ in lines if patient not in {None, found.person}}
        words = await self._words(tenant, [one for one in met if one is not None], found.shows)
        shown = [
            line if patient == found.person else msgspec.structs.replace(line, summary=words.get(patient, BUSY))
            for patient, line in lines
        ]
        # A busy therapist's takes half a second: nobody else waits for it.
        return await asyncio.to_thread(self.writes, shown, name=DISCREET + "s")

    async def _words(self, tenant: TenantId, patients: Sequence[PersonId], shows: Shows) -> dict[PersonId | None, str]:
        if shows == "busy":
            return {}
        return dict(
            zip(patients, await asyncio.gather(*(self._initials(tenant, one) for one in patients)), strict=True)
        )

    async def _initials(self, tenant: TenantId, patient: PersonId) -> str:
        try:
            return initials((await self.patients.header(tenant=tenant, person=patient)).name)
        except DomainError:
            return BUSY

    def _secret(self, who: Principal, once: str) -> str:
        """The tenant, and 256 bits that nobody guesses who has not the root key."""
        random = self.keys.mac(PURPOSE, f"{who.tenant}/{who.id}/{once}".encode())
        return base64.urlsafe_b64encode(who.tenant.bytes + random).decode()


def stream(tenant: TenantId, person: PersonId) -> UUID:
    """Everybody has one subscription in a clinic."""
    return derived("subscription", tenant, person)


def tenant_of(secret: str) -> TenantId:
    """In which clinic an address leads somewhere, if it does. Raises NotFound."""
    try:
        plain = base64.b64decode(secret, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotFound from None
    if len(plain) != 16 + SECRET_BYTES:
        raise NotFound
    return TenantId(UUID(bytes=plain[:16]))
