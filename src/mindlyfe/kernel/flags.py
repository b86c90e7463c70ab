"""Feature flags by OpenFeature, from a table of the context, per tenant."""

import time
from collections.abc import Callable

from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database


class Flags:
    """Flags of one context. The default given by the caller holds when the flag or the database is away."""

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database, self._monotonic = database, monotonic

    async def on(self, name: str, tenant: TenantId, *, default: bool = False) -> bool:
        """Whether the flag is on for this tenant."""
        raise NotImplementedError

    async def text(self, name: str, tenant: TenantId, *, default: str = "") -> str:
        """The flag's text for this tenant."""
        raise NotImplementedError
