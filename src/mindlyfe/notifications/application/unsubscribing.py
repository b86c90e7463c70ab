"""Whoever holds a courtesy can end them by mail, without signing in (RFC 8058)."""

from dataclasses import dataclass
from hmac import compare_digest

from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.notifications.application.preferences import OwnPreferences
from mindlyfe.notifications.application.receipts import Places
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.delivery import Change, Delivery
from mindlyfe.notifications.domain.unsubscribing import named, word

PURPOSE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class StopWords:
    """Makes the words, the same one each time."""

    keys: Keys

    def of(self, delivery: DeliveryId) -> str:
        """The word that a message carries."""
        return word(delivery, self.keys.mac(PURPOSE, delivery.bytes))


@dataclass(frozen=True, slots=True)
class Unsubscribing:
    """What such a word does."""

    words: StopWords
    streams: Streams[Delivery, Change]
    places: Places
    preferences: OwnPreferences

    async def known(self, said: str) -> tuple[TenantId, PersonId]:
        """Whose wish it would be. Raises NotFound for a word that we did not make, and for what is gone."""
        delivery = named(said)
        if delivery is None or not compare_digest(said, self.words.of(delivery)):
            raise NotFound
        tenant = await self.places.place(delivery)
        if tenant is None:
            raise NotFound
        try:
            state, _ = await self.streams.load(tenant, delivery)
        except Erased:
            raise NotFound from None
        if state is None or state.recipient is None:
            raise NotFound
        return tenant, state.recipient

    async def stop(self, said: str) -> None:
        """No more courtesies by mail, until they say otherwise; said twice, nothing changes. Raises NotFound."""
        tenant, person = await self.known(said)
        act = by_platform(tenant)
        try:
            await self.preferences.no_mail(tenant, person, act)
        except Erased:
            raise NotFound from None
