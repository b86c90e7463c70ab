"""A notice that waits or is withheld is not read off the access log or out of an export instead."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.identity.conftest import House, assembled

from mindlyfe.kernel.audit import Audit
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.trail import AuditTrail, Sought, Trail, TrailLine

VERDICT = {"outcome": "justified", "words": "Rightly so."}
WITHHELD = VERDICT | {"notice": "withhold", "withheld_because": "The mailbox is shared."}


class Therapy:
    """Another context: who looked at the patient's appointments, by breaking the glass and by care."""

    def __init__(self) -> None:
        self.told: list[TrailLine] = []

    def looks(self, actor: str, subject: str, at: datetime, *, break_glass: bool) -> None:
        line = TrailLine(
            position=len(self.told) + 1,
            at=at,
            actor=PersonId(UUID(actor)),
            action="appointments.read",
            subject=PersonId(UUID(subject)),
            object=f"/v1/patients/{subject}/appointments",
            outcome="done",
            break_glass=break_glass,
        )
        self.told.append(line)

    async def lines(self, *, tenant: TenantId, sought: Sought, before: int | None, limit: int) -> list[TrailLine]:
        found = [one for one in self.told if sought.subject in (None, one.subject)]
        return [one for one in reversed(found) if before is None or one.position < before][:limit]


class Scene:
    """A patient whose record was opened in an emergency, and looked at then and by who treats them."""

    def __init__(self, house: House, therapy: Therapy) -> None:
        self.house, self.therapy = house, therapy

    async def set(self) -> "Scene":
        self.clinic = await self.house.clinic()
        self.pat, self.ruiz = await self.clinic.patient(), await self.clinic.staff("therapist")
        self.officer = await self.clinic.staff("privacy-officer")
        wish = {"patient": self.pat.id, "reason": "Nobody who treats her can be reached."}
        self.glass = f"/v1/break-glass/{(await self.ruiz.post('/v1/break-glass', wish)).json()['id']}"
        for broken in (True, False, True, True, False):
            self.therapy.looks(self.ruiz.id, self.pat.id, self.house.clock(), break_glass=broken)
        assert (await self.ruiz.get(f"/v1/patients/{self.pat.id}/consents")).status_code == 200
        return self

    async def log(self, **query: Any) -> dict[str, Any]:
        """The patient's access log; what was read so far is in the database."""
        await Audit(self.house.platform.database).read(self.house.audit.rows)
        self.house.audit.rows.clear()
        return dict((await self.pat.get("/v1/me/access-log", **query)).json())

    async def emergencies(self) -> list[str]:
        return [one["action"] for one in (await self.log(limit=100))["items"] if one["break_glass"]]


@pytest.fixture
async def scene(database: Database) -> Scene:
    therapy = Therapy()
    house = assembled(database, contexts=("identity", "therapy"))
    house.platform.asks.bind({AuditTrail: Trail(database)}, context="identity")
    house.platform.asks.bind({AuditTrail: therapy}, context="therapy")
    return await Scene(house, therapy).set()


async def test_before_its_review_nothing_of_it_is_read_and_afterwards_all_that_the_patient_is_told_of(
    scene: Scene,
) -> None:
    assert await scene.emergencies() == []
    shown = VERDICT | {"notice": "send"}
    assert (await scene.officer.post(f"{scene.glass}/review", shown)).status_code == 200
    found = await scene.emergencies()
    assert found.count("appointments.read") == 3
    assert {"break-glass.opened.v1", "break-glass.reviewed.v1"} < set(found)


async def test_a_withheld_notice_stays_withheld_and_the_officer_sees_everything(scene: Scene) -> None:
    refused(
        await scene.officer.post(f"{scene.glass}/review", VERDICT | {"notice": "withhold"}), 422, "notice-unexplained"
    )
    assert (await scene.officer.post(f"{scene.glass}/review", WITHHELD)).status_code == 200
    assert (await scene.ruiz.post(f"{scene.glass}/end")).status_code == 200
    assert await scene.emergencies() == []
    audit = (await scene.officer.get("/v1/audit", person=scene.pat.id, limit=100)).json()["items"]
    marked = [one["action"] for one in audit if one["break_glass"]]
    assert marked.count("appointments.read") == 3
    assert {"consents.read", "break-glass.opened.v1", "break-glass.reviewed.v1", "break-glass.ended.v1"} < set(marked)


async def test_no_page_is_shorter_for_what_is_left_out(scene: Scene) -> None:
    whole = (await scene.log(limit=100))["items"]
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await scene.log(limit=2, **cursor)
        found += page["items"]
        if page["next"] is None:
            break
        assert len(page["items"]) == 2
        cursor = {"cursor": page["next"]}
    assert found == whole
    assert sum(one["context"] == "therapy" for one in whole) == 2


async def test_care_is_read_as_ever(scene: Scene) -> None:
    scene.therapy.looks(scene.ruiz.id, scene.pat.id, datetime.now(UTC), break_glass=False)
    newest = (await scene.log(limit=1))["items"][0]
    assert (newest["context"], newest["who"], newest["break_glass"]) == ("therapy", "Sam therapist", False)
