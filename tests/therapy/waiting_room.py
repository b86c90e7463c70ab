"""People who wait, and the worker that offers them slots, for tests over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.care_orders import CareOrders
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.testing.platforms import lent
from mindlyfe.therapy import wiring
from mindlyfe.therapy.application.offering import Offering, Over
from mindlyfe.therapy.contract.waiting import OfferId, OfferOutcome, WaitingOfferEndedV1


@dataclass
class OneClinic:
    """What the worker sees, of one clinic alone: tests share a database."""

    tenant: TenantId
    keeping: Any
    rounds: Any
    always: bool = False
    """Goes through the list whoever else does."""

    async def over(self, now: datetime, most: int) -> Sequence[Over]:  # the others are not counted
        return [one for one in await self.keeping.over(now, 10_000) if one.tenant == self.tenant]

    async def candidates(self, *words: Any) -> Any:
        return await self.keeping.candidates(*words)

    async def claim(self, now: datetime, until: datetime) -> Sequence[TenantId]:
        return [self.tenant] if self.always or await self.rounds.claimed(self.tenant, now, until) else []

    async def done(self, *words: Any) -> None:
        await self.rounds.done(*words)

    async def look(self, *words: Any) -> None:
        await self.rounds.look(*words)


def working(clinic: Any, module: Any = None, *, always: bool = False) -> Offering:
    """The worker as it is wired, for one clinic."""
    offering: Offering = (module or clinic.module).workers["offers"].args[2].__self__
    one = OneClinic(clinic.tenant, offering.keeping, offering.rounds, always)
    return replace(offering, keeping=one, rounds=one)


def beside(clinic: Any, database: Any) -> Any:
    """Therapy in another process: with its own connections, and the same keys."""
    asked = dict.fromkeys((Ties, Patients, CareOrders, People), clinic.identity)
    return wiring.build(lent(database, asked, keys=clinic.module.streams[0].keys, clock=clinic.clock))


@dataclass
class WaitingRoom:
    """A desk, a therapist with one hour a week, and whoever waits."""

    clinic: Any
    zone: str = "Europe/London"
    waiting: dict[str, Any] = field(default_factory=dict[str, Any])
    """Place on the list → patient."""

    @property
    def nine(self) -> datetime:
        """Of the Tuesday of next week, by London's clocks."""
        at: datetime = self.clinic.clock.now
        return (at + timedelta(days=(1 - at.weekday()) % 7 + 7)).replace(hour=8, minute=0)

    async def opens(self, **hours: Any) -> Any:
        """A therapist who can be met on Tuesdays, from nine to ten unless it is said."""
        weekly = hours.pop("weekly", [{"weekday": 2, "from": "09:00", "to": "10:00"}])
        return await self.clinic.therapist(weekly=weekly, horizon_days=13, **hours)

    async def joins(self, patient: Any = None, **wishes: Any) -> tuple[str, Any]:
        """Somebody waits; a minute later than who came before."""
        wait, patient = str(uuid4()), patient or self.clinic.person("patient")
        self.clinic.clock.pass_(minutes=1)
        answer = await patient.put(f"/v1/waits/{wait}", json={"wishes": {"zone": self.zone} | wishes})
        assert answer.status_code == 201, answer.text
        self.waiting[wait] = patient
        return wait, patient

    async def turns(self) -> None:
        """The worker works until there is nothing to do."""
        worker = working(self.clinic)
        for _ in range(20):
            if await worker.turn() == 0:
                return
        raise AssertionError("the worker finds no end")

    async def offered(self, patient: Any) -> Any:
        """The one offer that the patient has, or None."""
        items = (await patient.get("/v1/me/offers")).json()["items"]
        assert len(items) <= 1
        return items[0] if items else None

    async def answer(self, patient: Any, offer: str, how: str, **headers: str) -> Any:
        return await patient.post(f"/v1/offers/{offer}/{how}", json=None, **headers)

    async def heard(self, offer: str, patient: Any, outcome: OfferOutcome) -> None:
        """Therapy hears what became of an offer, twice."""
        event = WaitingOfferEndedV1(offer=OfferId(UUID(offer)), patient=patient.id, outcome=outcome)
        for _ in range(2):
            await self.clinic.module.hears[WaitingOfferEndedV1](self.clinic.heard(event))
