"""A clinic that runs therapy on the real kernel and PostgreSQL; identity is played, the clock stands."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.care_orders import CareOrders
from mindlyfe.identity.contract.profiles import PatientHeader, Patients
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.kernel.audit import AuditRow
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.messages import Event, Heard, MessageId, PersonId, Role, TenantId
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.postgres import TENANT, Database
from mindlyfe.kernel.testing.databases import prepared
from mindlyfe.kernel.testing.doorway import Doorway
from mindlyfe.kernel.testing.platforms import lent
from mindlyfe.kernel.testing.principals import act
from mindlyfe.kernel.testing.stand_ins import StandingClock
from mindlyfe.kernel.testing.tokens import Signer
from mindlyfe.kernel.ties import Begun, Held
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.therapy import wiring

MIGRATIONS = Path(wiring.__file__).parent / "adapters" / "migrations"
OFFICE = {
    "zone": "Europe/London",
    "weekly": [{"weekday": day, "from": "09:00", "to": "17:00"} for day in range(1, 6)],
    "minutes": 60,
}
"""Hours: 08:00 to 16:00 UTC in summer, eight slots a day."""


LONG_AGO = datetime.fromisoformat("2020-01-01T00:00Z")


@dataclass
class PlayedIdentity:
    """Answers who treats whom and who is a patient, or does not answer; notes the care that it is told of."""

    told: list[Begun] = field(default_factory=list[Begun])
    patients: set[UUID] = field(default_factory=set[UUID])
    reachable: bool = True
    asked: int = 0
    countries: dict[UUID, str] = field(default_factory=dict[UUID, str])
    gone: set[UUID] = field(default_factory=set[UUID])
    """Who belongs to the clinic no longer."""

    async def held(self, *, tenant: TenantId, holder: PersonId) -> list[Held]:
        self.asked += 1
        if not self.reachable:
            raise Unavailable
        return [each.held for each in self.told if each.holder == holder]

    async def header(self, *, tenant: TenantId, person: PersonId) -> PatientHeader:
        if person not in self.patients:
            raise NotFound
        return PatientHeader(person=person, name="Amina", date_of_birth=date(1990, 4, 2), pronouns="", version=1)

    async def locate(self, *, tenant: TenantId, person: PersonId, country: str) -> bool:
        if not self.reachable:
            raise Unavailable
        if country == "XX":
            return False
        self.countries[person] = country
        return True

    async def begin(self, *, tenant: TenantId, care: UUID, patient: PersonId, clinician: PersonId) -> bool:
        if not self.reachable:
            raise Unavailable
        if all(one.held.id != care for one in self.told):
            held = Held(kind="care", id=care, subject=patient, since=LONG_AGO, until=None)
            self.told.append(Begun(clinician, held))
        return True

    async def end(self, *, tenant: TenantId, care: UUID, by: PersonId) -> None:
        self.told = [one for one in self.told if one.held.id != care]

    async def belongs(self, *, tenant: TenantId, person: PersonId) -> bool:
        if not self.reachable:
            raise Unavailable
        return person not in self.gone


@dataclass
class Clinic:
    """The HTTP door of therapy, and who is behind it."""

    http: httpx.AsyncClient
    signer: Signer
    module: Module
    database: Database
    clock: StandingClock
    identity: PlayedIdentity
    audited: list[AuditRow]
    tenant: TenantId = field(default_factory=lambda: TenantId(uuid4()))

    def person(self, *roles: Role, known: UUID | None = None, tenant: UUID | None = None) -> "Person":
        """Somebody signed in, of this clinic unless `tenant` is another; staff with a second factor."""
        found = known or uuid4()
        aal = 1 if roles == ("patient",) else 2
        if "patient" in roles and tenant in {None, self.tenant}:
            self.identity.patients.add(found)
        headers = self.signer.bearer(*roles, person=found, tenant=tenant or self.tenant, aal=aal)
        return Person(self, PersonId(found), headers)

    def heard[E: Event](self, event: E, tenant: UUID | None = None) -> Heard[E]:
        """The event as the inbox brings it."""
        by = act(tenant or self.tenant)
        return Heard(event=event, message=MessageId(uuid4()), stream=uuid4(), version=1, at=self.clock.now, act=by)

    async def tell(self, *events: Event, tenant: UUID | None = None) -> None:
        """Identity's events reach our copy of ties."""
        ties = next(one for one in self.module.follows if one.name == "ties")
        async with self.database.worker() as tx:
            await tx.execute(TENANT, (str(tenant or self.tenant),))
            await ties.apply(tx, [self.heard(event, tenant) for event in events])

    async def therapist(self, **hours: Any) -> "Person":
        """A therapist with published hours."""
        therapist = self.person("therapist")
        answer = await therapist.put("/v1/availability", json=OFFICE | hours)
        assert answer.status_code == 200, answer.text
        return therapist


@dataclass
class Person:
    """Somebody at the door."""

    clinic: Clinic
    id: PersonId
    headers: dict[str, str]

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.clinic.http.get(path, params=query, headers=self.headers)

    async def put(self, path: str, *, json: Any, **headers: str) -> httpx.Response:
        return await self.clinic.http.put(path, json=json, headers=self.headers | _dashed(headers))

    async def post(self, path: str, *, json: Any, **headers: str) -> httpx.Response:
        return await self.clinic.http.post(path, json=json, headers=self.headers | _dashed(headers))

    async def delete(self, path: str, **headers: str) -> httpx.Response:
        return await self.clinic.http.delete(path, headers=self.headers | _dashed(headers))

    async def book(
        self,
        therapist: "Person",
        starts_at: datetime,
        appointment: UUID | None = None,
        patient: "Person | None" = None,
        more: dict[str, Any] | None = None,
        **headers: str,
    ) -> httpx.Response:
        """A start; for whom, if not for oneself; `more` of the wish."""
        wish = (more or {}) | {"therapist": str(therapist.id), "starts_at": starts_at.isoformat()}
        wish |= {"patient": str(patient.id)} if patient else {}
        return await self.put(f"/v1/appointments/{appointment or uuid4()}", json=wish, **headers)

    async def cancel(self, appointment: UUID | str, reason: str = "", **headers: str) -> httpx.Response:
        return await self.post(f"/v1/appointments/{appointment}/cancellation", json={"reason": reason}, **headers)

    async def move(self, appointment: UUID | str, starts_at: datetime, **more: Any) -> httpx.Response:
        """To another start; headers have a dash in their name."""
        headers = {name: more.pop(name) for name in list(more) if "_" in name}
        body = {"starts_at": starts_at.isoformat()} | more
        return await self.post(f"/v1/appointments/{appointment}/move", json=body, **headers)

    async def seen(self, appointment: UUID | str) -> dict[str, Any]:
        """The appointment as this person sees it."""
        answer = await self.get(f"/v1/appointments/{appointment}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


type NewClinic = Callable[[], AbstractAsyncContextManager[Clinic]]


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(scope="session")
def databases(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    """One database for all tests: each test has a tenant of its own."""
    return prepared(postgresql.address(), {"therapy": MIGRATIONS}, directory / "passwords", name="therapy_tests")


@pytest.fixture
async def database(databases: DatabaseSettings) -> AsyncIterator[Database]:
    async with opened(databases) as database:
        yield database


@asynccontextmanager
async def opened(settings: DatabaseSettings) -> AsyncGenerator[Database]:
    database = Database(settings, "therapy")
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def clinic(database: Database) -> AsyncIterator[Clinic]:
    async with door(database) as clinic:
        yield clinic


@pytest.fixture
def new_clinic(databases: DatabaseSettings) -> NewClinic:
    """Opens a clinic in whatever event loop runs."""

    @asynccontextmanager
    async def new() -> AsyncGenerator[Clinic]:
        async with opened(databases) as database, door(database) as clinic:
            yield clinic

    return new


@asynccontextmanager
async def door(database: Database) -> AsyncGenerator[Clinic]:
    """Therapy behind its HTTP door."""
    clock, identity = StandingClock(), PlayedIdentity()
    asked = dict.fromkeys((Ties, Patients, CareOrders, People), identity)
    module = wiring.build(lent(database, asked, clock=clock))
    async with Doorway(module.routes, module.grants) as doorway:
        yield Clinic(doorway.client, doorway.signer, module, database, clock, identity, doorway.audited)


@pytest.fixture
def tomorrow(clinic: Clinic) -> datetime:
    """Tuesday, 09:00 in London: a slot of OFFICE."""
    return clinic.clock.now + timedelta(days=1, hours=2)
