"""Care that begins and ends with treatment, by order of the context that knows of it."""

import contextlib
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import care_stream, member_stream
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.care import Started, able, cease, start
from mindlyfe.identity.domain.refusals import CareEnded, CareRuns, NotInCare
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.telemetry import traceparent


@dataclass(frozen=True, slots=True)
class OrderedCare:
    """Answers CareOrders of the contract. Whoever asks has decided who may treat whom."""

    streams: IdentityStreams
    clock: Clock

    async def begin(self, *, tenant: TenantId, care: UUID, patient: PersonId, clinician: PersonId) -> bool:
        """From now on, unless it began before; care that runs under another id is care, too."""
        now, act = self.clock(), Act(tenant=tenant, actor=clinician, correlation=traceparent())
        wish = Started(care=care, patient=patient, clinician=clinician, since=now)
        try:
            members = [
                (await self.streams.members.load(tenant, member_stream(tenant, person)))[0]
                for person in (patient, clinician)
            ]
            able(*members)
            await self.streams.care.decide(act, care_stream(tenant, care), lambda state: start(state, wish, now))
        except (Erased, NotInCare, CareEnded):
            return False
        except CareRuns:
            return True
        return True

    async def end(self, *, tenant: TenantId, care: UUID, by: PersonId) -> None:
        """Now. A handover gave it to somebody under another id, which ends with it, and so on."""
        now, act = self.clock(), Act(tenant=tenant, actor=by, correlation=traceparent())
        last: UUID | None = care
        with contextlib.suppress(Erased):
            while last is not None:
                stream = care_stream(tenant, last)
                await self.streams.care.decide(act, stream, lambda state: cease(state, by=by, now=now))
                state, _ = await self.streams.care.load(tenant, stream)
                last = state.goes_on_as if state else None
