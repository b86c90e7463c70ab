"""What the sender needs of the outside: somebody who renders, somebody who hands over, and who sends what."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.notifications.contract import DeliveryId, Kind, Priority
from mindlyfe.notifications.domain.preferences import Preferences
from mindlyfe.notifications.domain.template import Place, Words
from mindlyfe.therapy.contract.calendars import Invitation


class Due(msgspec.Struct, frozen=True):
    """A delivery to be attempted now; `correlation` leads back to the request that caused it."""

    tenant: TenantId
    delivery: DeliveryId
    priority: Priority
    correlation: str


class Room(msgspec.Struct, frozen=True):
    """How many attempts more a sender can make at once."""

    all: int
    normal: int
    """How many of them may be other than critical."""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One e-mail, ready to go. `id` is its Message-ID, the same on every attempt."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    wishes: str = ""
    """Where its reader can say that they want no such mail; empty for what is no courtesy."""
    sender: str = ""
    """The name that is shown as its sender; empty: the installation's own."""
    calendar: Invitation | None = None
    """What a mail program puts into a calendar."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One text message. Receipts name its delivery."""

    delivery: DeliveryId
    to: str
    """A telephone number with its country code, `+447700900123`."""
    body: str


class NotHandedOver(Exception):
    """A message was not taken.

    `permanent`: trying again is pointless. `ill`: the provider fails, whatever the message; `rests_s` is how long it
    wants to be left alone, if it said so. `uncertain`: it may have taken the message, though it did not say so.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        ill: bool = False,
        uncertain: bool = False,
        rests_s: float | None = None,
        answer: str = "",
    ) -> None:
        super().__init__(code)
        self.code, self.permanent, self.ill, self.uncertain = code, permanent, ill, uncertain
        self.rests_s, self.answer = rests_s, answer

    @property
    def elsewhere(self) -> bool:
        """Whether another provider is worth asking at once: not when that may send the message twice."""
        return self.ill and not self.uncertain


class NotYet(Exception):
    """The recipient is not to be reached before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class NotAnyMore(Exception):
    """What the message is about changed: it is not to be told. `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Wishes(Protocol):
    """What people prefer."""

    async def of(self, tenant: TenantId, person: PersonId) -> Preferences:
        """All that somebody said; nothing, when they said nothing."""
        ...


class OwnWords(Protocol):
    """Words that clinics put in place of the shipped ones."""

    async def used(self, tenant: TenantId, place: Place, *others: str) -> tuple[int, Words] | None:
        """A clinic's words and their number, in the place's language or else in one of the `others`."""
        ...


class Renderer(Protocol):
    """Turns a kind and its values into words."""

    def render(self, kind: Kind, locale: str, values: dict[str, Any]) -> tuple[str, str, str]:
        """Subject, text, HTML in the language of `locale`, or in English."""
        ...

    def line(self, locale: str) -> str:
        """That something came, and nothing else."""
        ...

    def framed(self, words: Words, locale: str, values: Mapping[str, Any]) -> tuple[str, str, str]:
        """The same in a clinic's words."""
        ...

    def language(self, kind: str, locale: str) -> str:
        """In which language it is said."""
        ...


class Claims(Protocol):
    """Who sends what, so that two senders do not send the same. A claim that is not kept up runs out."""

    async def turn(
        self, room: Room, *, keep: Collection[DeliveryId], give_back: Collection[DeliveryId]
    ) -> Sequence[Due]:
        """Keep up the claims on what is being sent, give back those on what is done, and claim what there is room for:
        the critical first, then the longest due. Raises Unavailable."""
        ...

    async def forget(self, due: Due) -> None:
        """Its recipient was erased: there is nobody to send it to, and nothing can be put on record."""
        ...


class Courier[M](Protocol):
    """Hands messages of one shape over to a provider."""

    @property
    def name(self) -> str:
        """The provider's."""
        ...

    async def hand_over(self, message: M, /) -> str:
        """The provider's answer. Raises NotHandedOver."""
        ...
