"""How far the relays are behind: measured from what they saved, so that any process can say it."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final, LiteralString

import structlog

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Cursor
from mindlyfe.kernel.metrics import Metrics

EVERY_S: Final = 5.0
LATE_S: Final = 5.0
"""Behind by more than this, an operator should look."""
PLACE: Final[LiteralString] = """
    select epoch, tx::text::bigint, position from cursor
    where starts_with(name, 'relay/') and name not like '%%/public' order by at desc limit 1"""


class Lags:
    """Looks at the relays of some contexts every few seconds; offers gauges, and warns."""

    def __init__(self, logs: Mapping[str, Log], metrics: Metrics) -> None:
        self._logs = logs
        self._seconds = dict.fromkeys(logs, 0.0)
        for context in logs:
            metrics.gauge(
                "mindlyfe_relay_lag_seconds",
                "Age of the oldest event that is not published yet.",
                partial(self._seconds.__getitem__, context),
                context=context,
            )

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            for context, log in self._logs.items():
                try:
                    self._seconds[context] = await self._look(log)
                except Unavailable:
                    continue
                if self._seconds[context] > LATE_S:
                    warning = structlog.get_logger("lag").warning
                    warning("relay is behind", context=context, seconds=round(self._seconds[context], 1))
            await asyncio.sleep(EVERY_S)

    async def _look(self, log: Log) -> float:
        async with log.database.worker() as tx:
            row = await (await tx.execute(PLACE)).fetchone()
        lag = await log.lag(Cursor(*row) if row else Cursor())
        return max(lag.unread_s, lag.open_s)
