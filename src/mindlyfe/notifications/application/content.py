"""What a message says: asked from its owners at the moment of sending, never kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from mindlyfe.identity.contract import Contact, Link, Links, Organisations, Recipients
from mindlyfe.kernel.messages import TenantId
from mindlyfe.notifications.application.ports import Mail, NotHandedOver, Renderer
from mindlyfe.notifications.contract import DeliveryId, Kind
from mindlyfe.notifications.domain.delivery import Delivery
from mindlyfe.therapy.contract import AppointmentId, Appointments

COURTESIES: Final[frozenset[Kind]] = frozenset({"appointment-booked", "appointment-cancelled"})
"""Not sent by a channel that the person asked us not to use. What guards an account is: it has no other way."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Gathers address, language, zone and links from identity, times from therapy, and renders."""

    recipients: Recipients
    links: Links
    organisations: Organisations
    appointments: Appointments
    renderer: Renderer
    public_url: str
    mail_domain: str

    async def mail(self, tenant: TenantId, delivery: DeliveryId, d: Delivery) -> Mail:
        """The mail for a delivery. Raises NotFound when the recipient is gone, Unavailable, NotHandedOver."""
        contact = await self._contact(tenant, d)
        if d.kind in COURTESIES and "email" in contact.avoid:
            raise NotHandedOver("channel-avoided", permanent=True)
        values = await self._values(tenant, d, contact)
        organisation = await self.organisations.organisation(tenant=tenant)
        common = {"name": contact.name, "clinic": organisation.name, "home": self.public_url}
        subject, text, html = self.renderer.render(d.kind, contact.locale, common | values)
        identity = f"<{delivery}@{self.mail_domain}>"
        return Mail(id=identity, to=contact.email, subject=subject, text=text, html=html)

    async def _contact(self, tenant: TenantId, d: Delivery) -> Contact:
        if d.recipient is None:
            return await self.recipients.invited(tenant=tenant, invitation=d.about)
        return await self.recipients.contact(tenant=tenant, person=d.recipient)

    async def _values(self, tenant: TenantId, d: Delivery, contact: Contact) -> dict[str, Any]:
        match d.kind:
            case "address-verification":
                link = await self._verification(tenant, d)
                return {"link": link.url, "until": local(link.expires_at, contact.zone)}
            case "staff-invitation" | "patient-invitation":
                link = await self.links.invitation(tenant=tenant, invitation=d.about)
                return {"link": link.url, "until": local(link.expires_at, contact.zone)}
            case "appointment-booked" | "appointment-cancelled":
                return await self._appointment(tenant, d, contact)
            case "registration-repeated" | "break-glass-used" | "record-opened":
                return {}

    async def _verification(self, tenant: TenantId, d: Delivery) -> Link:
        if d.recipient is None or d.flow is None:
            raise NotHandedOver("no-flow", permanent=True)
        return await self.links.verification(tenant=tenant, person=d.recipient, flow=d.flow)

    async def _appointment(self, tenant: TenantId, d: Delivery, contact: Contact) -> dict[str, Any]:
        found = await self.appointments.appointment(tenant=tenant, appointment=AppointmentId(d.about))
        return {"starts": local(found.starts_at, contact.zone), "minutes": found.minutes}


class LocalTime(msgspec.Struct, frozen=True):
    """A moment as its reader's wall clock shows it."""

    at: datetime
    zone: str


def local(at: datetime, zone: str) -> LocalTime:
    """`at` in the recipient's zone."""
    return LocalTime(at.astimezone(ZoneInfo(zone)), zone)
