"""Escalations carried out: opened, called on, answered, and closed with an outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.contract import Recipients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import SYSTEM, Act, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import traceparent, within
from mindlyfe.notifications.application.duty import DutyRota
from mindlyfe.notifications.application.runs import Runs
from mindlyfe.notifications.application.scheduler import Turn
from mindlyfe.notifications.contract.escalations import (
    EscalationId,
    EscalationSaved,
    OpenEscalation,
    Outcome,
)
from mindlyfe.notifications.contract.workflows import Source
from mindlyfe.notifications.domain.access import sees_all_escalations
from mindlyfe.notifications.domain.escalation import (
    Called,
    Change,
    Escalation,
    Opened,
    acknowledge,
    call,
    close,
    go_on,
    known,
    open_,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladders:
    """One escalation per cause. `due` rings when somebody is to be called at once."""

    streams: Streams[Escalation, Change]
    rota: DutyRota
    runs: Runs
    recipients: Recipients
    clock: Clock
    ids: Ids
    due: Callable[[], None]

    async def open(
        self,
        *,
        tenant: TenantId,
        cause: UUID,
        subject: PersonId,
        by: PersonId,
        minutes: int,
        outcome_minutes: int,
        again_minutes: int,
    ) -> EscalationId:
        """For other contexts: call who is on duty, once for a `cause`. Raises Unavailable, Erased."""
        command = OpenEscalation(
            subject=subject, minutes=minutes, outcome_minutes=outcome_minutes, again_minutes=again_minutes
        )
        act = Act(tenant=tenant, actor=by, correlation=traceparent())
        return (await self._open(command, by, cause, act)).escalation

    async def open_one(self, command: OpenEscalation, who: Principal, act: Act) -> EscalationSaved:
        """For somebody of staff. Raises NotFound when the clinic does not know the subject, Unavailable, Erased."""
        await self.recipients.contact(tenant=who.tenant, person=command.subject)
        cause = self.ids() if act.once is None else derived("cause", who.tenant, who.id, act.once)
        return await self._open(command, who.id, cause, act)

    async def acknowledge(self, escalation: UUID, who: Principal, act: Act, expected: int | None) -> EscalationSaved:
        """Look after it. Raises NotFound, NotOnLadder, EscalationClosed, VersionConflict, Erased."""
        ladder, now = await self.rota.ladder(who.tenant), self.clock()
        sees = sees_all_escalations(who, ladder)
        await self.streams.decide(
            act, escalation, lambda s: acknowledge(s, by=who.id, ladder=ladder, sees=sees, now=now), expected=expected
        )
        return await self._saved(who.tenant, escalation)

    async def close(
        self, escalation: UUID, outcome: Outcome, who: Principal, act: Act, expected: int | None
    ) -> EscalationSaved:
        """Record what came of it. Raises NotFound, NotOnLadder, EscalationClosed, VersionConflict, Erased."""
        ladder, now = await self.rota.ladder(who.tenant), self.clock()
        sees = sees_all_escalations(who, ladder)
        await self.streams.decide(
            act,
            escalation,
            lambda s: close(s, outcome=outcome, by=who.id, ladder=ladder, sees=sees, now=now),
            expected=expected,
        )
        return await self._saved(who.tenant, escalation)

    async def carry_on(self, turn: Turn) -> None:
        """Call the next, when it is time. They are told before it is recorded: repeated after a crash, told once."""
        with within(turn.correlation) as correlation:
            found, _ = await self.streams.load(turn.tenant, turn.stream)
            if found is None:
                return
            act = Act(tenant=turn.tenant, actor=SYSTEM, correlation=correlation)
            changes = call(found, await self.rota.ladder(turn.tenant), self.clock())
            for called in (change for change in changes if isinstance(change, Called)):
                await self._tell(act, turn.stream, found, called)
            await self.streams.decide(act, turn.stream, lambda state: go_on(state, found, changes))

    async def _open(self, command: OpenEscalation, by: PersonId, cause: UUID, act: Act) -> EscalationSaved:
        wish = Opened(
            cause=cause,
            subject=command.subject,
            by=by,
            minutes=command.minutes,
            outcome_minutes=command.outcome_minutes,
            again_minutes=command.again_minutes,
            at=self.clock(),
        )
        stream = derived("escalation", act.tenant, cause)
        await self.streams.decide(act, stream, lambda state: open_(state, wish))
        self.due()
        return await self._saved(act.tenant, stream)

    async def _tell(self, act: Act, stream: UUID, e: Escalation, called: Called) -> None:
        key = derived("call", stream, called.round, called.person)
        source = Source(stream, 1, e.opened.at)
        await self.runs.begin(act, "safety-task", called.person, stream, source, key=key)

    async def _saved(self, tenant: TenantId, stream: UUID) -> EscalationSaved:
        state, version = await self.streams.load(tenant, stream)
        return EscalationSaved(EscalationId(stream), known(state).status, version)
