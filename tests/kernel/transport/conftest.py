"""A NATS transport on a server of the test's own."""

from collections.abc import AsyncIterator

import pytest

from mindlyfe.kernel.testing.telling import REGION
from mindlyfe.kernel.transport.nats import Nats
from mindlyfe.stack.testing.broker import Broker


@pytest.fixture
async def nats(broker: Broker) -> AsyncIterator[Nats]:
    """Connected, with short pauses between attempts."""
    async with Nats(broker.settings, region=REGION, pauses_s=(0.01, 0.01)) as transport:
        yield transport
