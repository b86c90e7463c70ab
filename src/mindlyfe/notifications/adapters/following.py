"""What is seen, told and asked of deliveries, put together: lists and traces, providers, receipts, unsubscriptions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litestar import Router

from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters.deliveries import Deliveries
from mindlyfe.notifications.adapters.http import deliveries as deliveries_http
from mindlyfe.notifications.adapters.http import providers, receipts, unsubscriptions
from mindlyfe.notifications.application.carriers import Carrier
from mindlyfe.notifications.application.deliveries import DeadLetters, Traces
from mindlyfe.notifications.application.preferences import OwnPreferences
from mindlyfe.notifications.application.receipts import Receipts
from mindlyfe.notifications.application.unsubscribing import StopWords, Unsubscribing
from mindlyfe.notifications.contract import Channel
from mindlyfe.notifications.domain.delivery import Change, Delivery


def routes(
    p: Platform,
    streams: Streams[Delivery, Change],
    deliveries: Deliveries,
    *,
    channels: Mapping[Channel, Carrier[Any]],
    preferences: OwnPreferences,
    asked: Callable[[], None],
) -> Sequence[Router]:
    """`asked` is called when something is to be sent."""
    return [
        deliveries_http.routes(deliveries, Traces(streams)),
        deliveries_http.redrive_routes(DeadLetters(streams, p.clock, asked)),
        providers.routes(channels),
        receipts.routes(Receipts(streams, deliveries), p.settings, p.clock),
        unsubscriptions.routes(Unsubscribing(StopWords(p.keys), streams, deliveries, preferences)),
    ]
