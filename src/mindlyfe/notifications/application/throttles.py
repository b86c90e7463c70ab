"""Throttled steps: at most so many pass for a recipient, however many come at once."""

from dataclasses import dataclass
from datetime import datetime

from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import SYSTEM, Act
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.application.scheduler import Turn
from mindlyfe.notifications.contract.workflows import Throttle
from mindlyfe.notifications.domain.quota import Admitted, Quota, admit, admits
from mindlyfe.notifications.domain.run import Run


@dataclass(frozen=True, slots=True)
class Quotas:
    """One stream per workflow, step and recipient."""

    streams: Streams[Quota, Admitted]

    async def admits(self, turn: Turn, run: Run, step: Throttle, now: datetime) -> bool:
        """Whether this round of this run may pass; asked again, the same answer. Raises Erased, Unavailable."""
        stream = derived("quota", turn.tenant, run.workflow, step.key, run.recipient)
        wish = Admitted(person=run.recipient, run=turn.stream, round=run.round, at=now)
        act = Act(tenant=turn.tenant, actor=SYSTEM, correlation=turn.correlation)
        await self.streams.decide(act, stream, lambda state: admit(state, wish, most=step.most, minutes=step.minutes))
        state, _ = await self.streams.load(turn.tenant, stream)
        return admits(state, turn.stream, run.round)
