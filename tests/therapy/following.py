"""For tests of merges: therapy as it hears of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import msgspec

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.follower import Follower
from mindlyfe.kernel.heard import tag
from mindlyfe.kernel.messages import MessageId
from mindlyfe.kernel.personal import PersonalData
from mindlyfe.kernel.policy import Kind
from mindlyfe.kernel.reactor import Reactor
from mindlyfe.kernel.telemetry import started
from mindlyfe.kernel.testing.stand_ins import MemoryObjects
from mindlyfe.kernel.ties import Begun, Held
from mindlyfe.kernel.transport.port import Envelope

NINE: Final = datetime(2026, 12, 1, 9, tzinfo=UTC)


class Following:
    """Therapy as it hears of merges."""

    def __init__(self, clinic: Any) -> None:
        self.clinic = clinic
        self.follower = Follower(clinic.database, "eu", clinic.module.follows)
        self.reactor = Reactor(clinic.database, "eu", clinic.module.hears)
        self.held = PersonalData(clinic.database, MemoryObjects(), clinic.module.personal)  # type: ignore[arg-type]

    async def tell(self, duplicate: Any, survivor: Any, times: int = 1) -> None:
        event = MemberMergedV1(merge=uuid4(), duplicate=duplicate.id, survivor=survivor.id)
        batch: Sequence[Envelope] = [
            Envelope(
                id=MessageId(uuid4()),
                subject=f"eu.{tag(MemberMergedV1)}",
                tenant=self.clinic.tenant,
                stream=uuid4(),
                version=1,
                at=NINE,
                correlation=started(),
                body=msgspec.Raw(msgspec.json.encode(event)),
            )
        ]
        for _ in range(times):
            assert await self.follower.deliver(batch) == {}
            assert await self.reactor.deliver(batch) == {}

    async def moved(self, person: Any) -> bool:
        return await self.held.moved(tenant=self.clinic.tenant, person=person.id)

    async def barred(self, person: Any) -> bool:
        return await self.held.barred(tenant=self.clinic.tenant, person=person.id)

    def treats(self, clinician: Any, patient: Any) -> None:
        kind: Kind = "care"
        since = self.clinic.clock.now - timedelta(days=1)
        held = Held(kind=kind, id=uuid4(), subject=patient.id, since=since, until=None)
        self.clinic.identity.told.append(Begun(clinician.id, held))
