"""What a clinic does with the words of its messages: writes, previews, and sends itself one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import Act, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.application.content import local
from mindlyfe.notifications.application.samples import sample_values
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.contract.templates import Preview, TemplateUnsound, TemplateView, TestSent
from mindlyfe.notifications.contract.workflows import WorkflowName
from mindlyfe.notifications.domain.delivery import Change as DeliveryChange
from mindlyfe.notifications.domain.delivery import Delivery, Requested, request
from mindlyfe.notifications.domain.discretion import telling_word
from mindlyfe.notifications.domain.template import Change, Place, Versions, Words, drop, write
from mindlyfe.notifications.domain.texts import PLACEHOLDERS, NotForTexts, TextValues, text_template


class Own(Protocol):
    """The read model."""

    async def standing(self, tenant: TenantId, place: Place, *others: str) -> tuple[int, Words] | None:
        """The clinic's words and their number."""
        ...


class Frames(Protocol):
    """Checks a clinic's words, and puts them between greeting and footer."""

    def refuse_unsound(self, message: WorkflowName, body: str) -> None:
        """Raises TemplateUnsound."""
        ...

    def placeholders(self, message: WorkflowName) -> list[str]:
        """The values that a mail may name."""
        ...

    def framed(self, words: Words, locale: str, values: Mapping[str, Any]) -> tuple[str, str, str]:
        """Subject, text, HTML."""
        ...

    def brief(self, at: datetime, locale: str) -> str:
        """A moment in few letters."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """`asked` rings when a message is to be sent."""

    streams: Streams[Versions, Change]
    deliveries: Streams[Delivery, DeliveryChange]
    own: Own
    frames: Frames
    home: str
    clock: Clock
    ids: Ids
    asked: Callable[[], None]

    async def view(self, tenant: TenantId, place: Place) -> TemplateView:
        """The clinic's words, if it has any."""
        used = await self.own.standing(tenant, place)
        _, version = await self.streams.load(tenant, _stream(tenant, place))
        number, words = used or (0, Words("", ""))
        named = self.frames.placeholders(place.message) if place.channel == "email" else sorted(PLACEHOLDERS)
        return TemplateView(
            message=place.message,
            channel=place.channel,
            language=place.language,
            edition=f"clinic/{number}" if used else "shipped",
            subject=words.subject,
            body=words.body,
            placeholders=named,
            version=version,
        )

    async def write(self, place: Place, words: Words, who: Principal, act: Act, expected: int | None) -> TemplateView:
        """The next version. Raises TemplateUnsound, VersionConflict."""
        self._refuse_unsound(place, words)
        now = self.clock()
        await self.streams.decide(
            act,
            _stream(who.tenant, place),
            lambda state: write(state, place, words, by=who.id, at=now),
            expected=expected,
        )
        return await self.view(who.tenant, place)

    async def drop(self, place: Place, who: Principal, act: Act, expected: int | None) -> TemplateView:
        """Back to the shipped words. Raises VersionConflict."""
        now = self.clock()
        await self.streams.decide(
            act, _stream(who.tenant, place), lambda state: drop(state, place, by=who.id, at=now), expected=expected
        )
        return await self.view(who.tenant, place)

    def preview(self, place: Place, words: Words) -> Preview:
        """The words filled with sample values, not kept. Raises TemplateUnsound."""
        self._refuse_unsound(place, words)
        moment = local(self.clock() + timedelta(days=2), "Europe/London")
        if place.channel == "sms":
            time = self.frames.brief(moment.at, place.language)
            text = text_template(words.body).filled(TextValues(time=time, sender="Sam", link=self.home))
            return Preview(subject="", text=text, html="")
        values = {"name": "Sam", "sender": "", "home": self.home, "items": 1}
        values |= sample_values(place.message, moment, self.home)
        subject, text, html = self.frames.framed(words, place.language, values)
        return Preview(subject=subject, text=text, html=html)

    async def send_test(self, place: Place, who: Principal, act: Act) -> TestSent:
        """Send the caller one with sample values, in the words in use. Raises Erased."""
        id_ = self.ids() if act.once is None else derived("test", who.tenant, who.id, act.once)
        delivery, at = DeliveryId(id_), self.clock()
        wish = Requested(
            kind=place.message, recipient=who.id, about=id_, at=at, channel=place.channel, sample=place.language
        )
        await self.deliveries.decide(act, delivery, lambda state: request(state, wish))
        self.asked()
        return TestSent(delivery)

    def _refuse_unsound(self, place: Place, words: Words) -> None:
        if place.channel == "sms":
            _refuse_text(words)
            return
        if not words.subject.strip():
            raise TemplateUnsound("A mail needs a subject.")
        if found := telling_word(words.subject):
            raise TemplateUnsound(f"The subject says {found}: others may read it.")
        self.frames.refuse_unsound(place.message, words.body)


def _refuse_text(words: Words) -> None:
    if words.subject:
        raise TemplateUnsound("A text message has no subject.")
    try:
        text_template(words.body)
    except NotForTexts as wrong:
        raise TemplateUnsound("A text message names {time}, {sender} and {link} alone.") from wrong
    if found := telling_word(words.body):
        raise TemplateUnsound(f"It says {found}: others may read a text message.")


def _stream(tenant: TenantId, place: Place) -> UUID:
    return derived("template", tenant, place.message, place.channel, place.language)
