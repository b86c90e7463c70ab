"""Identity and therapy as tests of notifications play them."""
# ruff: noqa: ARG002 - they answer alike whoever asks

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from mindlyfe.identity.contract import Contact, Link, OrganisationView
from mindlyfe.identity.contract.handovers import Handed
from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.contract import AppointmentId, AppointmentView
from mindlyfe.therapy.contract.calendars import Invitation, Method
from mindlyfe.therapy.contract.holds import OfferView
from mindlyfe.therapy.contract.waiting import OfferId, WaitId

NINE: Final = datetime(2026, 12, 1, 9, tzinfo=UTC)


@dataclass
class Watch:
    """The clock of a process, which a test may put forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class PlayedInvitations:
    """Therapy: it invites everybody to everything, or nobody."""

    method: Method = "REQUEST"
    inviting: bool = True

    async def invitation(
        self, *, tenant: TenantId, appointment: AppointmentId, person: PersonId, organizer: str, attendee: str
    ) -> Invitation:
        if not self.inviting:
            raise NotFound
        rows = (f"METHOD:{self.method}", f"ORGANIZER:{organizer}", f"ATTENDEE:{attendee}")
        return Invitation(method=self.method, body="\r\n".join(("BEGIN:VCALENDAR", *rows, "END:VCALENDAR", "")))


@dataclass
class Neighbours:
    """Identity and therapy: they know everybody but who is `gone`, unless they do not answer."""

    reachable: bool = True
    broken: bool = False
    gone: set[UUID] = field(default_factory=set[UUID])
    wishes: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    """How somebody wants to be reached: values of their Contact."""
    invitations: PlayedInvitations = field(default_factory=PlayedInvitations)
    diary: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    """How an appointment stands: values of its view."""

    def _known(self, wanted: UUID) -> None:
        if self.broken:
            raise ValueError("a mistake of ours")
        if not self.reachable:
            raise Unavailable
        if wanted in self.gone:
            raise NotFound

    async def contact(self, *, tenant: TenantId, person: PersonId) -> Contact:
        self._known(person)
        wishes: dict[str, Any] = {"zone": "Asia/Kathmandu", "locale": "en-GB", **self.wishes.get(person, {})}
        return Contact("Amina", f"{person}@example.org", **wishes)

    async def former(self, *, tenant: TenantId, person: PersonId) -> Contact:
        self._known(person)
        return Contact("Amina", f"former-{person}@example.org", "en-GB", "Asia/Kathmandu")

    async def invited(self, *, tenant: TenantId, invitation: UUID) -> Contact:
        self._known(invitation)
        return Contact("Sam", f"{invitation}@example.org", "en-GB", "Europe/London")

    async def moving(self, *, person: PersonId, ask: UUID, old: bool) -> Contact:
        self._known(ask)
        return Contact("Amina", f"{'old' if old else 'new'}-{ask}@example.org", "en-GB", "Asia/Kathmandu")

    async def recovery(self, *, person: PersonId) -> Link:
        self._known(person)
        return Link(f"http://localhost/recover#code={person}", NINE)

    async def address_change(self, *, person: PersonId, ask: UUID) -> Link:
        return Link(f"http://localhost/address-change#code={ask}", NINE)

    async def address_change_stop(self, *, person: PersonId, ask: UUID) -> Link:
        return Link(f"http://localhost/address-change/cancel#code={ask}", NINE)

    async def home(self, *, person: PersonId) -> OrganisationView:
        return OrganisationView(TenantId(uuid4()), "Home Clinic", "Europe/London", "en-GB")

    async def verification(self, *, tenant: TenantId, person: PersonId, flow: UUID) -> Link:
        return Link(f"http://localhost/verify#code={flow}", NINE)

    async def invitation(self, *, tenant: TenantId, invitation: UUID) -> Link:
        return Link(f"http://localhost/join#code={invitation}", NINE)

    async def organisation(self, *, tenant: TenantId) -> OrganisationView:
        return OrganisationView(tenant, "Harbour Clinic", "Europe/London", "en-GB")

    async def handed(self, *, tenant: TenantId, handover: UUID) -> Handed:
        self._known(handover)
        return Handed(3, NINE)

    async def waiting_offer(self, *, tenant: TenantId, offer: OfferId) -> OfferView:
        self._known(offer)
        nobody = PersonId(uuid4())
        stands: dict[str, Any] = {
            "starts_at": NINE,
            "expires_at": datetime.now(UTC) + timedelta(days=1),
            "outcome": None,
        }
        stands |= self.diary.get(offer, {})
        wait = WaitId(uuid4())
        return OfferView(id=offer, wait=wait, patient=nobody, therapist=nobody, minutes=50, **stands)

    async def appointment(self, *, tenant: TenantId, appointment: AppointmentId) -> AppointmentView:
        nobody = PersonId(uuid4())
        stands: dict[str, Any] = {"starts_at": NINE, "status": "booked", **self.diary.get(appointment, {})}
        return AppointmentView(id=appointment, patient=nobody, therapist=nobody, minutes=50, **stands)
