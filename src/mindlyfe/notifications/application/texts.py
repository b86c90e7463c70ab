"""What a text message says, and to which phone: asked at the moment of sending, never kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from mindlyfe.identity.contract import Contact
from mindlyfe.kernel.messages import TenantId
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.ports import NotHandedOver, Text
from mindlyfe.notifications.contract import DeliveryId, Kind
from mindlyfe.notifications.domain.delivery import Delivery
from mindlyfe.notifications.domain.reaching import sender_name
from mindlyfe.notifications.domain.segments import segments
from mindlyfe.notifications.domain.texts import TextTemplate, TextValues, text_template


class Wordings(Protocol):
    """Templates of texts."""

    def template(self, kind: Kind, locale: str) -> TextTemplate | None:
        """What says this kind; None when nothing does."""
        ...

    def waiting(self, locale: str) -> TextTemplate:
        """What says only that there is a message."""
        ...

    def moment(self, at: datetime, locale: str) -> str:
        """A moment in few letters."""
        ...


@dataclass(frozen=True, slots=True)
class Texts:
    """Writes texts of at most `most` parts."""

    contents: Contents
    words: Wordings
    most: int

    async def text(self, tenant: TenantId, delivery: DeliveryId, d: Delivery) -> Text:
        """The text of a delivery. Raises NotFound when the recipient is gone, Unavailable, NotHandedOver, NotYet,
        NotAnyMore."""
        contact = await self.contents.contact(tenant, d)
        template = await self._template(tenant, d, contact)
        if template is None:
            raise NotHandedOver("not-for-texts", permanent=True)
        if "sms" in contact.avoid:
            raise NotHandedOver("channel-avoided", permanent=True)
        if not contact.phone:
            raise NotHandedOver("no-phone", permanent=True)
        values = await self.contents.values(tenant, d, contact)
        await self.contents.now(tenant, d, contact, values)
        body = await self._body(tenant, d, contact, template, values)
        if segments(body) > self.most:
            raise NotHandedOver("text-too-long", permanent=True)
        return Text(delivery=delivery, to=contact.phone, body=body)

    async def _template(self, tenant: TenantId, d: Delivery, contact: Contact) -> TextTemplate | None:
        """The clinic's own, or ours. Its type holds nothing clinical, whoever wrote it."""
        locale = d.sample or contact.locale
        own = await self.contents.written(tenant, d.kind, "sms", locale)
        return text_template(own.body) if own else self.words.template(d.kind, locale)

    async def _body(
        self, tenant: TenantId, d: Delivery, contact: Contact, template: TextTemplate, values: Mapping[str, Any]
    ) -> str:
        link = self.contents.public_url
        if contact.shared_phone:
            return self.words.waiting(contact.locale).filled(TextValues(link=link))
        clinic = (await self.contents.organisation(tenant, d)).name
        sender = sender_name(contact.sender, discreet=contact.discreet, clinic=clinic)
        time = self.words.moment(values["starts"].at, contact.locale) if "starts" in values else ""
        return template.filled(TextValues(time=time, sender=sender, link=link))
