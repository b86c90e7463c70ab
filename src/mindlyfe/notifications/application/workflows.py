"""What a clinic does with its workflows."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract.workflows import Workflow, WorkflowName
from mindlyfe.notifications.domain.workflow import Change, Editions, define, drop


@dataclass(frozen=True, slots=True)
class ClinicWorkflows:
    """Defined in versions that stay: what runs keeps the one it began with."""

    streams: Streams[Editions, Change]
    clock: Clock

    async def define(
        self, name: WorkflowName, workflow: Workflow, who: Principal, act: Act, expected: int | None
    ) -> None:
        """The clinic's next version. Raises Unsound, VersionConflict."""
        now = self.clock()
        await self.streams.decide(
            act,
            _stream(who.tenant, name),
            lambda state: define(state, name, workflow, by=who.id, at=now),
            expected=expected,
        )

    async def drop(self, name: WorkflowName, who: Principal, act: Act, expected: int | None) -> None:
        """Back to the one that comes with MindLyfe. Raises VersionConflict."""
        now = self.clock()
        await self.streams.decide(
            act, _stream(who.tenant, name), lambda state: drop(state, name, by=who.id, at=now), expected=expected
        )


def _stream(tenant: TenantId, name: WorkflowName) -> UUID:
    return derived("workflow", tenant, name)
