"""What a message says: asked from its owners at the moment of sending, never kept."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from mindlyfe.identity.contract import Contact, Link, Links, Organisations, OrganisationView, Recipients
from mindlyfe.identity.contract.handovers import Handovers
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import REGION, PersonId, TenantId
from mindlyfe.notifications.application.ports import Mail, NotAnyMore, NotHandedOver, NotYet, OwnWords, Renderer, Wishes
from mindlyfe.notifications.application.samples import sample_values
from mindlyfe.notifications.application.unsubscribing import StopWords
from mindlyfe.notifications.contract import DeliveryId, Kind
from mindlyfe.notifications.contract.templates import WrittenChannel
from mindlyfe.notifications.contract.workflows import WorkflowName
from mindlyfe.notifications.domain.delivery import OWN, Delivery
from mindlyfe.notifications.domain.preferences import quiet_until, refused
from mindlyfe.notifications.domain.reaching import (
    APPOINTMENTS,
    BEFORE_ITS_START,
    COURTESIES,
    UNHURRIED,
    moment_to_send,
    sender_name,
)
from mindlyfe.notifications.domain.template import Place, Words
from mindlyfe.notifications.domain.workflow import NATURES
from mindlyfe.therapy.contract import AppointmentId, Appointments
from mindlyfe.therapy.contract.calendars import Invitation, Invitations
from mindlyfe.therapy.contract.holds import WaitingOffers
from mindlyfe.therapy.contract.waiting import OfferId

INVITING: Final[frozenset[Kind]] = frozenset({"appointment-booked", "appointment-moved", "appointment-cancelled"})
"""What is told with an invitation."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Gathers address, language, zone and links from identity, times from therapy, and renders."""

    recipients: Recipients
    links: Links
    organisations: Organisations
    appointments: Appointments
    invitations: Invitations
    offers: WaitingOffers
    handovers: Handovers
    wishes: Wishes
    own: OwnWords
    renderer: Renderer
    public_url: str
    stops: StopWords
    mail_address: str
    """That mail comes from."""
    clock: Clock

    async def mail(self, tenant: TenantId, delivery: DeliveryId, d: Delivery) -> Mail:
        """The mail for a delivery. Raises NotFound when the recipient is gone, Unavailable, NotHandedOver, NotYet."""
        contact = await self.contact(tenant, d)
        if d.kind in COURTESIES and await self._unwanted(tenant, d, contact):
            raise NotHandedOver("channel-avoided", permanent=True)
        values = await self.values(tenant, d, contact)
        await self.now(tenant, d, contact, values)
        organisation = await self.organisation(tenant, d)
        sender = sender_name(contact.sender, discreet=contact.discreet, clinic=organisation.name)
        common = {"name": contact.name, "sender": sender, "home": self.public_url, "items": d.items}
        subject, text, html = await self._worded(tenant, d, contact, common | values)
        identity = f"<{delivery}@{self.mail_address.rpartition('@')[2]}>"
        calendar = await self._invitation(tenant, d, contact)
        stop = f"{self.public_url}/v1/unsubscriptions/{self.stops.of(delivery)}"
        return Mail(
            id=identity,
            to=contact.email,
            subject=subject,
            text=text,
            html=html,
            wishes=stop if d.kind in COURTESIES and d.recipient and d.priority != "critical" else "",
            sender=sender,
            calendar=calendar,
        )

    async def _worded(
        self, tenant: TenantId, d: Delivery, contact: Contact, values: dict[str, Any]
    ) -> tuple[str, str, str]:
        """In the clinic's words where it has any in the reader's language, or in English when we do not speak it."""
        locale = d.sample or contact.locale
        own = await self.written(tenant, d.kind, "email", locale) if d.recipient else None
        if own is None:
            return self.renderer.render(d.kind, locale, values)
        return self.renderer.framed(own, locale, values)

    async def written(self, tenant: TenantId, kind: Kind, channel: WrittenChannel, locale: str) -> Words | None:
        """The clinic's own words for it."""
        if kind not in NATURES:
            return None
        language = locale.replace("_", "-").partition("-")[0].lower()
        spoken = self.renderer.language(kind, language) == language
        found = await self.own.used(
            tenant, Place(cast("WorkflowName", kind), channel, language), *(() if spoken else ("en",))
        )
        return found[1] if found else None

    async def _unwanted(self, tenant: TenantId, d: Delivery, contact: Contact) -> bool:
        """Whether they asked for no courtesies by mail, of identity or here; what is critical asks the former alone."""
        if "email" in contact.avoid or d.recipient is None or d.priority == "critical":
            return "email" in contact.avoid
        return refused(await self.wishes.of(tenant, d.recipient), d.kind, "email")

    async def now(self, tenant: TenantId, d: Delivery, contact: Contact, values: dict[str, Any]) -> None:
        """Whether it may be sent now. Raises NotYet outside the best hours and in quiet ones, unless it would come too
        late then; NotAnyMore for a reminder that would."""
        if d.kind not in UNHURRIED or d.priority == "critical":
            return
        ends = {"waiting-offer": "until"}.get(d.kind, "starts" if d.kind in BEFORE_ITS_START else "")
        about = values[ends].at if ends in values else None
        now = self.clock()
        until = moment_to_send(now, contact.hours, contact.zone, before=about)
        quiet = (await self.wishes.of(tenant, d.recipient)).quiet if d.recipient else ()
        end = quiet_until(until, quiet, contact.zone)
        late = end is None or (about is not None and end >= about)
        if late and d.moment is not None:
            raise NotAnyMore("quiet-hours")
        until = now if end is None or late else end
        if until > now:
            raise NotYet(until)

    async def contact(self, tenant: TenantId, d: Delivery) -> Contact:
        """How to reach the recipient. Raises NotFound, Unavailable, NotHandedOver."""
        if d.recipient is None:
            return await self.recipients.invited(tenant=tenant, invitation=d.about)
        if d.kind in {"address-change", "address-change-notice", "address-changed"}:
            old = d.kind != "address-change"
            return await self.recipients.moving(person=d.recipient, ask=_flow(d), old=old)
        if d.kind in OWN:
            return await self.recipients.former(tenant=tenant, person=d.recipient)
        return await self.recipients.contact(tenant=tenant, person=d.recipient)

    async def organisation(self, tenant: TenantId, d: Delivery) -> OrganisationView:
        """Accounts are the region's: what is told of one comes from its owner's first clinic."""
        if tenant == REGION and d.recipient is not None:
            return await self.organisations.home(person=d.recipient)
        return await self.organisations.organisation(tenant=tenant)

    async def values(  # noqa: PLR0911 # one line per kind
        self, tenant: TenantId, d: Delivery, contact: Contact
    ) -> dict[str, Any]:
        """What is told of, as its owner knows it now. Raises NotFound, Unavailable, NotHandedOver."""
        if d.sample:
            return sample_values(d.kind, local(self.clock() + timedelta(days=2), contact.zone), self.public_url)
        if d.kind in APPOINTMENTS:
            return await self._appointment(tenant, d, contact)
        match d.kind:
            case "address-verification":
                link = await self.links.verification(tenant=tenant, person=_recipient(d), flow=_flow(d))
                return _linked(link, contact)
            case "staff-invitation" | "patient-invitation":
                return _linked(await self.links.invitation(tenant=tenant, invitation=d.about), contact)
            case "waiting-offer":
                return await self._offer(tenant, d, contact)
            case "caseload-handed-over" | "caseload-received":
                handed = await self.handovers.handed(tenant=tenant, handover=d.about)
                return {"count": handed.moved, "starts": local(handed.at, contact.zone)}
            case "safety-task":
                return {"link": f"{self.public_url}/escalations/{d.about}"}
            case "factors-changed":
                return {"happened": local(_happened(d), contact.zone)}
            case "recovery" | "address-change" | "address-change-notice":
                return _linked(await self._account_link(d), contact)
            case _:
                return {}

    async def _invitation(self, tenant: TenantId, d: Delivery, contact: Contact) -> Invitation | None:
        """What the recipient's mail program puts into their calendar; who takes no part any more gets none."""
        if d.kind not in INVITING or d.recipient is None:
            return None
        with suppress(NotFound):
            return await self.invitations.invitation(
                tenant=tenant,
                appointment=AppointmentId(d.about),
                person=d.recipient,
                organizer=self.mail_address,
                attendee=contact.email,
            )
        return None

    async def _offer(self, tenant: TenantId, d: Delivery, contact: Contact) -> dict[str, Any]:
        found = await self.offers.waiting_offer(tenant=tenant, offer=OfferId(d.about))
        if found.outcome is not None or found.expires_at <= self.clock():
            raise NotAnyMore("offer-over")
        until = local(found.expires_at, contact.zone)
        return {"starts": local(found.starts_at, contact.zone), "minutes": found.minutes, "until": until}

    async def _account_link(self, d: Delivery) -> Link:
        person = _recipient(d)
        if d.kind == "recovery":
            return await self.links.recovery(person=person)
        if d.kind == "address-change":
            return await self.links.address_change(person=person, ask=_flow(d))
        return await self.links.address_change_stop(person=person, ask=_flow(d))

    async def _appointment(self, tenant: TenantId, d: Delivery, contact: Contact) -> dict[str, Any]:
        found = await self.appointments.appointment(tenant=tenant, appointment=AppointmentId(d.about))
        if d.kind == "appointment-moved" and found.status != "booked":
            raise NotAnyMore("appointment-changed")
        if d.moment is not None and (
            found.status != "booked" or found.starts_at != d.moment or found.starts_at <= self.clock()
        ):
            raise NotAnyMore("appointment-changed")
        return {"starts": local(found.starts_at, contact.zone), "minutes": found.minutes}


def _linked(link: Link, contact: Contact) -> dict[str, Any]:
    return {"link": link.url, "until": local(link.expires_at, contact.zone)}


def _flow(d: Delivery) -> UUID:
    if d.flow is None:
        raise NotHandedOver("no-flow", permanent=True)
    return d.flow


def _happened(d: Delivery) -> datetime:
    if d.happened_at is None:
        raise NotHandedOver("no-moment", permanent=True)
    return d.happened_at


def _recipient(d: Delivery) -> PersonId:
    if d.recipient is None:
        raise NotHandedOver("no-recipient", permanent=True)
    return d.recipient


class LocalTime(msgspec.Struct, frozen=True):
    """A moment as its reader's wall clock shows it."""

    at: datetime
    zone: str


def local(at: datetime, zone: str) -> LocalTime:
    """`at` in the recipient's zone."""
    return LocalTime(at.astimezone(ZoneInfo(zone)), zone)
