"""Runs of workflows: begun, withdrawn, and carried on step by step when they are due."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract import Recipients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import SYSTEM, Act, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import within
from mindlyfe.notifications.application.ports import Wishes
from mindlyfe.notifications.application.scheduler import Turn
from mindlyfe.notifications.contract import Channel, DeliveryId, Kind
from mindlyfe.notifications.contract.workflows import (
    Digest,
    Outcome,
    Send,
    Source,
    Step,
    Throttle,
    Until,
    Workflow,
    WorkflowName,
)
from mindlyfe.notifications.domain import run as runs
from mindlyfe.notifications.domain.delivery import Change as DeliveryChange
from mindlyfe.notifications.domain.delivery import Delivery, Requested, request
from mindlyfe.notifications.domain.preferences import wanted
from mindlyfe.notifications.domain.run import Asked, Began, Change, Run, Withdrawn, begin, go_on, withdraw
from mindlyfe.notifications.domain.steps import NOTHING, Facts, next_step
from mindlyfe.notifications.domain.workflow import NATURES


class Definitions(Protocol):
    """Workflows as they are defined."""

    async def in_use(self, tenant: TenantId, name: WorkflowName) -> tuple[str, Workflow]:
        """By which one begins now, and its edition."""
        ...

    async def of(self, tenant: TenantId, name: WorkflowName, edition: str) -> Workflow:
        """One edition, for what runs by it."""
        ...


class Fates(Protocol):
    """What became of messages."""

    async def fates_of(self, tenant: TenantId, deliveries: Collection[DeliveryId]) -> Mapping[UUID, frozenset[Outcome]]:
        """What is known of each by now."""
        ...


class Throttles(Protocol):
    """How often something may go on."""

    async def admits(self, turn: Turn, run: Run, step: Throttle, now: datetime) -> bool:
        """Whether this round of this run may pass; asked again, the same answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """`asked` rings for deliveries that are to be sent, `began` for runs that go on at once."""

    streams: Streams[Run, Change]
    deliveries: Streams[Delivery, DeliveryChange]
    definitions: Definitions
    wishes: Wishes
    fates: Fates
    throttles: Throttles
    recipients: Recipients
    ready: frozenset[Channel]
    """The channels there are."""
    clock: Clock
    asked: Callable[[], None]
    began: Callable[[], None]

    async def begin(
        self,
        act: Act,
        name: WorkflowName,
        recipient: PersonId,
        about: UUID,
        source: Source,
        *,
        moment: datetime | None = None,
        key: UUID | None = None,
    ) -> None:
        """Begin a run for `recipient`, or its next round: one run per `key`, or per what it is `about`."""
        edition, workflow = await self.definitions.in_use(act.tenant, name)
        first = workflow.steps[0]
        if isinstance(first, Digest):
            key = derived("digest", about if first.by == "subject" else "")
        wish = Began(
            workflow=name,
            edition=edition,
            recipient=recipient,
            about=about,
            moment=moment,
            source=source,
            collects=isinstance(first, Digest),
            at=self.clock(),
        )
        stream = run_id(act.tenant, name, recipient, key or about)
        try:
            await self.streams.decide(act.step(f"{name}/{recipient}"), stream, lambda state: begin(state, wish))
        except Erased:
            return  # nobody is there to be told
        self.began()

    async def withdraw(self, act: Act, name: WorkflowName, recipient: PersonId, about: UUID, source: Source) -> None:
        """Do no more of what is about this; it may be heard before what began it."""
        wish = Withdrawn(workflow=name, recipient=recipient, about=about, source=source, at=self.clock())
        stream = run_id(act.tenant, name, recipient, about)
        try:
            await self.streams.decide(act.step(f"{name}/{recipient}"), stream, lambda state: withdraw(state, wish))
        except Erased:
            return

    async def carry_on(self, turn: Turn) -> None:
        """Carry out all that is due of one run. Raises Erased, Unavailable.

        Deliveries are asked for before it is recorded: who repeats it after a crash asks for the same ones.
        """
        with within(turn.correlation) as correlation:
            found, _ = await self.streams.load(turn.tenant, turn.stream)
            if found is None or found.due_at is None:
                return
            act = Act(tenant=turn.tenant, actor=SYSTEM, correlation=correlation)
            changes = await self._changes(turn, found)
            if not changes:
                return
            for asked in (change for change in changes if isinstance(change, Asked)):
                await self._ask(act, turn.stream, found, asked)
            await self.streams.decide(act, turn.stream, lambda state: go_on(state, found, changes))

    async def _changes(self, turn: Turn, run: Run) -> Sequence[Change]:
        now = self.clock()
        workflow = await self.definitions.of(turn.tenant, run.workflow, run.edition)
        changes: list[Change] = []
        while run.status == "running" and run.due_at is not None and run.due_at <= now:
            step = workflow.steps[run.place] if run.place < len(workflow.steps) else None
            facts = await self._facts(turn, run, workflow, step, now)
            changes.append(next_step(run, workflow.steps, facts, now))
            run = runs.evolve(run, changes[-1])
        return changes

    async def _facts(self, turn: Turn, run: Run, workflow: Workflow, step: Step | None, now: datetime) -> Facts:
        """What this step needs to know, and no more."""
        match step:
            case Until():
                return Facts(zone=await self._zone(turn.tenant, run.recipient))
            case Throttle():
                return Facts(admitted=await self.throttles.admits(turn, run, step, now))
            case Send():
                critical = NATURES[run.workflow].critical
                wishes = await self.wishes.of(turn.tenant, run.recipient)
                channels = wanted(wishes, run.workflow, on=workflow.on, critical=critical, ready=self.ready)
                outcomes = await self._outcomes(turn, run) if step.when else {}
                return Facts(channels=channels, outcomes=outcomes)
            case _:
                return NOTHING

    async def _zone(self, tenant: TenantId, person: PersonId) -> str:
        try:
            return (await self.recipients.contact(tenant=tenant, person=person)).zone
        except NotFound:
            return "UTC"  # nobody is reached there: the delivery will say so

    async def _outcomes(self, turn: Turn, run: Run) -> Mapping[str, frozenset[Outcome]]:
        ids = {step: _deliveries(turn.stream, run, step, channels) for step, channels in run.outcomes.items()}
        fates = await self.fates.fates_of(turn.tenant, [one for many in ids.values() for one in many])
        known: dict[str, frozenset[Outcome]] = {}
        for step, many in ids.items():
            outcomes: set[Outcome] = {"asked"} if many else {"left-out"}
            for one in many:
                outcomes |= fates.get(one, frozenset())
            known[step] = frozenset(outcomes)
        return known

    async def _ask(self, act: Act, stream: UUID, run: Run, asked: Asked) -> None:
        workflow = await self.definitions.of(act.tenant, run.workflow, run.edition)
        step = next(one for one in workflow.steps if one.key == asked.step)
        assert isinstance(step, Send)
        ids = _deliveries(stream, run, asked.step, asked.channels)
        wishes = [self._wish(run, step.template or run.workflow, channel) for channel in asked.channels]
        await asyncio.gather(
            *(
                self.deliveries.decide(act, delivery, partial(request, wish=wish))
                for delivery, wish in zip(ids, wishes, strict=True)
            )
        )
        self.asked()

    def _wish(self, run: Run, kind: Kind, channel: Channel) -> Requested:
        return Requested(
            kind=kind,
            recipient=run.recipient,
            about=run.about,
            at=self.clock(),
            moment=run.moment,
            channel=channel,
            priority="critical" if NATURES[run.workflow].critical else "normal",
            items=run.items,
        )


def run_id(tenant: TenantId, name: WorkflowName, recipient: PersonId, key: UUID) -> UUID:
    """The run of a workflow for somebody about something."""
    return derived("run", tenant, name, recipient, key)


def _deliveries(stream: UUID, run: Run, step: str, channels: Sequence[Channel]) -> list[DeliveryId]:
    """One per (run, round, step, channel), whoever asks for it however often; a run has one recipient."""
    return [DeliveryId(derived("delivery", stream, run.round, step, channel)) for channel in channels]
