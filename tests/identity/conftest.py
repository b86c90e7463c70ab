"""Identity on the real kernel and PostgreSQL behind its HTTP door; the clock stands, and mail is read from the log."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import pytest

from mindlyfe.identity import wiring
from mindlyfe.identity.adapters.argon2 import Argon2
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.organisations import SetUps
from mindlyfe.identity.contract import InvitationIssuedV1, Links, RegistrationStartedV1, SigningKeys
from mindlyfe.identity.testing.person import PASSWORD, Person
from mindlyfe.kernel.access import TokenVerifier, access_cookie
from mindlyfe.kernel.admission import Door
from mindlyfe.kernel.config import DatabaseSettings, Settings, TelemetrySettings
from mindlyfe.kernel.edge import application
from mindlyfe.kernel.ids import uuid7
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import REGION, Cursor, Event, TenantId
from mindlyfe.kernel.metrics import Metrics
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import PersonalData, PersonData
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.revocations import RevocationMap, Revocations
from mindlyfe.kernel.telemetry import AccessLog
from mindlyfe.kernel.testing import databases
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.platforms import lent
from mindlyfe.kernel.testing.principals import act
from mindlyfe.kernel.testing.stand_ins import MemoryCache, NotedReads, StandingClock
from mindlyfe.stack.postgresql import Postgresql

MIGRATIONS = Path(wiring.__file__).parent / "adapters" / "migrations"
PROFILE = {"zone": "Europe/London", "locale": "en-GB"}


@dataclass
class House:
    """The HTTP door of identity, and what is behind it."""

    app: Any
    module: Module
    platform: Platform
    clock: StandingClock
    cache: MemoryCache
    audit: NotedReads
    setups: SetUps

    def visitor(self) -> Person:
        """Somebody with a browser of their own, not signed in."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=("192.0.2.7", 1))
        return Person(httpx.AsyncClient(transport=transport, base_url="http://localhost:8080"), self.clock)

    async def published(self) -> list[tuple[TenantId, Event]]:
        """What others heard so far, in order, with the tenant."""
        batch = await Log(self.platform.database, self.platform.keys, self.module.streams).read(Cursor(), 10_000)
        told = ((one.tenant, self.module.publishes(one)) for one in batch.recorded)
        return [(tenant, event) for tenant, event in told if event is not None]

    async def newest[E: Event](self, kind: type[E]) -> tuple[TenantId, E]:
        """The last public event of this kind."""
        return next((t, event) for t, event in reversed(await self.published()) if isinstance(event, kind))

    async def mailed_code(self, kind: type[RegistrationStartedV1 | InvitationIssuedV1]) -> str:
        """The code in the newest mail of this kind, as notifications would ask for it."""
        tenant, event = await self.newest(kind)
        links: Links = cast("Links", self.module.answers[Links])
        if isinstance(event, RegistrationStartedV1):
            link = await links.verification(tenant=tenant, person=event.person, flow=event.flow)
        else:
            link = await links.invitation(tenant=tenant, invitation=event.invitation)
        return link.url.split("#code=")[1]

    async def setup_code(self) -> str:
        """The code of a fresh set-up link."""
        return (await self.setups.link(uuid7(), act(REGION))).split("#code=")[1]

    async def clinic(self, name: str = "Harbour", *, strong: bool = True) -> "Clinic":
        """A clinic that was just opened, with its administrator signed in, `strong`: with a second factor."""
        admin = self.visitor()
        admin.email = f"admin@{name.lower()}.example"
        person = {"name": f"Ada of {name}", "email": admin.email, "password": PASSWORD, "zone": "Europe/London"}
        wish = {"code": await self.setup_code(), "organisation": {"name": name} | PROFILE, "administrator": person}
        assert (await admin.post("/v1/setup", wish)).status_code == 201
        await admin.sign_in()
        if strong:
            await admin.enrol()
        return Clinic(self, admin, TenantId(UUID(admin.organisation)))


@dataclass
class Clinic:
    """An open clinic."""

    house: House
    admin: Person
    tenant: TenantId

    async def link(self) -> str:
        """The code of a new registration link."""
        answer = await self.admin.post("/v1/registration-links")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    async def wish(self, email: str, **other: Any) -> dict[str, Any]:
        """What a patient sends to register."""
        born = {"date_of_birth": "1990-04-02", "password": PASSWORD, "name": "Pat"}
        return {"clinic": await self.link(), "email": email} | PROFILE | born | other

    async def patient(self, email: str = "pat@mail.example") -> Person:
        """Somebody who registered, verified and signed in."""
        person = self.house.visitor()
        person.email = email
        assert (await person.post("/v1/registrations", await self.wish(email))).status_code == 202
        code = await self.house.mailed_code(RegistrationStartedV1)
        assert (await person.post("/v1/verifications", {"code": code, "password": PASSWORD})).status_code == 200
        assert (await person.sign_in()).status_code == 201
        return person

    async def staff(self, *roles: str, email: str = "", strong: bool = True) -> Person:
        """Somebody who accepted an invitation and signed in, `strong`: with a second factor."""
        person = self.house.visitor()
        person.email = email or f"{roles[0]}@{self.tenant.hex[-6:]}.example"
        born = {"date_of_birth": "1990-04-02"} if "patient" in roles else {}
        invitation = {"email": person.email, "name": f"Sam {roles[0]}", "roles": roles} | born
        assert (await self.admin.post("/v1/invitations", invitation)).status_code == 201
        code = await self.house.mailed_code(InvitationIssuedV1)
        accepted = {"code": code, "password": PASSWORD, "zone": "Europe/Paris"} | born
        answer = await person.post("/v1/invitations/acceptance", accepted)
        assert answer.status_code == 200, answer.text
        assert (await person.sign_in()).status_code == 201
        return await person.strengthen() if strong else person


@pytest.fixture(scope="session")
def migrated(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    """A database with the schema of identity."""
    passwords = directory / "passwords"
    return databases.prepared(postgresql.address(), {"identity": MIGRATIONS}, passwords, name="identity_tests")


@pytest.fixture
def emptied(postgresql: Postgresql, migrated: DatabaseSettings) -> DatabaseSettings:
    """The database with nothing in it: quicker than a new one."""
    databases.emptied(postgresql.address(), migrated, "identity")
    return migrated


@pytest.fixture
async def database(emptied: DatabaseSettings) -> AsyncIterator[Database]:
    """The open database of identity."""
    database = Database(emptied, "identity")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def house(database: Database) -> House:
    """Identity in a process of its own, almost."""
    return assembled(database)


def assembled(database: Database, objects: Any = None, contexts: Sequence[str] = ("identity",)) -> House:
    """Identity on this database, with keys in memory; of other `contexts` nobody answers until a test does."""
    clock, keys, settings = StandingClock(), MemoryKeys(), Settings()
    cache = MemoryCache(clock)
    platform = lent(
        database, {}, settings=settings, keys=keys, clock=clock, cache=cache, objects=objects, contexts=contexts
    )
    module = wiring.build(platform)
    platform.asks.bind({PersonData: PersonalData(database, objects, module.personal)}, context="identity")
    audit, log = NotedReads(), AccessLog(TelemetrySettings(log_level="error"))
    signing = cast("SigningKeys", module.answers[SigningKeys])
    verifier = TokenVerifier(signing, issuer=settings.public_url, clock=clock, monotonic=lambda: clock().timestamp())
    door = Door(
        context="identity",
        region=settings.region,
        grants=module.grants,
        tokens=verifier,
        revocations=RevocationMap(cast("Revocations", module.answers[Revocations]), clock=clock, stale_s=-1),
        cookie=access_cookie(settings.instance, settings.secure).encode(),
        origin=settings.public_url.encode(),
        audit=audit,
        clock=clock,
    )
    app = application({"identity": module.routes}, {"identity": door}, metrics=Metrics(), log=log)
    links, streams = LinkMaker(keys, settings.public_url, clock), identity_streams(database, keys)
    setups = SetUps(streams, Credentials(Argon2(), frozenset()), links, keys, settings.region, clock, uuid7)
    return House(app, module, platform, clock, cache, audit, setups)
