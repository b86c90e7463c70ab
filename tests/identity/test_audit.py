"""Who saw what: for the person, and for who watches over the clinic; over all contexts, none left out unseen."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from tests.identity.conftest import House, assembled

from mindlyfe.identity.domain.plain import plain
from mindlyfe.kernel.audit import Audit, AuditRow
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import SYSTEM, PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.trail import AuditTrail, Sought, Trail, TrailLine

PROFILE = {"name": "Pat", "zone": "Europe/London", "locale": "en"}


@dataclass
class Therapy:
    """What another context's audit says, unless it does not answer."""

    told: list[TrailLine] = field(default_factory=list[TrailLine])
    away: bool = False

    def add(self, subject: str, *, hours: int = 0, actor: UUID = SYSTEM, break_glass: bool = False) -> None:
        line = TrailLine(
            position=len(self.told) + 1,
            at=datetime.now(UTC) + timedelta(hours=hours),
            actor=PersonId(actor),
            action="appointments.read",
            subject=PersonId(UUID(subject)),
            object="",
            outcome="done",
            break_glass=break_glass,
        )
        self.told.append(line)

    async def lines(self, *, tenant: TenantId, sought: Sought, before: int | None, limit: int) -> list[TrailLine]:
        if self.away:
            raise Unavailable
        found = [one for one in self.told if sought.subject in (None, one.subject)]
        return [one for one in reversed(found) if before is None or one.position < before][:limit]


@pytest.fixture
def therapy() -> Therapy:
    return Therapy()


@pytest.fixture
def watched(database: Database, therapy: Therapy) -> House:
    """Identity, whose neighbour is `therapy`."""
    house = assembled(database, contexts=("identity", "therapy"))
    house.platform.asks.bind({AuditTrail: Trail(database)}, context="identity")
    house.platform.asks.bind({AuditTrail: therapy}, context="therapy")
    return house


async def on_record(house: Any) -> None:
    """The reads so far go into the database, where a process writes them at once."""
    await Audit(house.platform.database).read(house.audit.rows)
    house.audit.rows.clear()


async def test_a_person_sees_who_saw_and_changed_their_data(watched: Any, therapy: Therapy) -> None:
    clinic = await watched.clinic()
    desk, pat, other = await clinic.staff("reception"), await clinic.patient(), await clinic.patient("o@mail.example")
    await desk.get(f"/v1/patients/{pat.id}/profile")
    await desk.get(f"/v1/patients/{other.id}/profile")
    await desk.put(f"/v1/patients/{pat.id}/profile", PROFILE | {"safe_name": "P"})
    await pat.put("/v1/me/whereabouts", {"country": "GB"})
    await on_record(watched)
    therapy.add(pat.id, hours=1, actor=uuid4())
    therapy.add(other.id)
    log = (await pat.get("/v1/me/access-log")).json()
    assert (log["missing"], log["next"]) == ([], None)
    lines = [(one["context"], one["who"], one["what"]) for one in log["items"]]
    assert lines[0] == ("therapy", "Somebody who is not in the clinic now", "looked at appointments")
    assert not any(one["break_glass"] for one in log["items"])
    assert ("identity", "Sam reception", "looked at the profile") in lines
    assert ("identity", "Sam reception", "changed the profile") in lines
    assert ("identity", "You", "confirmed the country the person is in") in lines
    assert sum(what == "looked at the profile" for _, _, what in lines) == 1
    looked = next(one for one in log["items"] if one["what"] == "looked at the profile")
    assert (looked["roles"], looked["refused"]) == (["reception"], False)
    assert "198.51" not in str(log)
    refused(await pat.get("/v1/me/access-log", cursor="x"), 400, "malformed")


async def test_asvs_16_3_2_a_refused_look_is_on_record_and_shown(watched: Any) -> None:
    clinic = await watched.clinic()
    therapist, pat = await clinic.staff("therapist"), await clinic.patient()
    refused(await therapist.get(f"/v1/patients/{pat.id}/profile"), 404, "not-found")
    refused(await pat.get(f"/v1/patients/{pat.id}/header"), 403, "forbidden")
    await on_record(watched)
    items = (await pat.get("/v1/me/access-log")).json()["items"]
    tried = [(one["who"], one["refused"]) for one in items if one["action"] == "profiles.read"]
    assert tried == [("You", True), ("Sam therapist", True)]


async def test_pages_follow_each_other_over_all_contexts(watched: Any, therapy: Therapy) -> None:
    clinic = await watched.clinic()
    pat = await clinic.patient()
    for number in range(5):
        await pat.put("/v1/me/whereabouts", {"country": ("GB", "FR")[number % 2]})
        therapy.add(pat.id)
    whole = (await pat.get("/v1/me/access-log", limit=100)).json()["items"]
    assert len([one for one in whole if one["context"] == "therapy"]) == 5
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await pat.get("/v1/me/access-log", limit=3, **cursor)).json()
        assert len(page["items"]) <= 3
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == whole
    assert [one["at"] for one in whole] == sorted((one["at"] for one in whole), reverse=True)


async def test_a_context_that_does_not_answer_is_named_and_goes_on_where_it_was(watched: Any, therapy: Therapy) -> None:
    clinic = await watched.clinic()
    pat = await clinic.patient()
    for _ in range(3):
        therapy.add(pat.id)
        await pat.put("/v1/me/whereabouts", {"country": "GB"})
    therapy.away = True
    page = (await pat.get("/v1/me/access-log", limit=2)).json()
    assert page["missing"] == ["therapy"]
    assert {one["context"] for one in page["items"]} == {"identity"}
    therapy.away = False
    later = (await pat.get("/v1/me/access-log", limit=100, cursor=page["next"])).json()
    assert later["missing"] == []
    assert sum(one["context"] == "therapy" for one in later["items"]) == 3


async def test_asvs_16_3_1_the_audit_is_read_by_who_watches_and_its_reading_is_on_record(watched: Any) -> None:
    clinic = await watched.clinic()
    officer = await (await clinic.staff("privacy-officer")).strengthen()
    desk, pat = await clinic.staff("reception"), await clinic.patient()
    await desk.get(f"/v1/patients/{pat.id}/profile")
    await on_record(watched)
    page = (await officer.get("/v1/audit", person=pat.id, action="profiles.read")).json()
    [line] = page["items"]
    assert (line["actor"], line["who"], line["subject"]) == (desk.id, "Sam reception", pat.id)
    assert line["object"] == f"/v1/patients/{pat.id}/profile"
    await on_record(watched)
    [look] = (await officer.get("/v1/audit", actor=officer.id, action="audit.read")).json()["items"]
    assert look["who"] == "Sam privacy-officer"
    now = datetime.now(UTC)
    for times, count in (
        ({"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()}, 1),
        ({"from": (now + timedelta(hours=1)).isoformat()}, 0),
        ({"to": (now - timedelta(hours=1)).isoformat()}, 0),
    ):
        wanted = {"person": pat.id, "action": "profiles.read"} | times
        assert len((await officer.get("/v1/audit", **wanted)).json()["items"]) == count
    refused(await officer.get("/v1/audit", cursor="x"), 400, "malformed")
    refused(await officer.get("/v1/audit", action="%"), 400, "malformed")


async def test_asvs_16_2_5_the_audit_holds_ids_and_its_readers_need_a_second_factor(watched: Any) -> None:
    clinic = await watched.clinic()
    pat = await clinic.patient("xanthippe@mail.example")
    await pat.put("/v1/me/profile", PROFILE | {"name": "Xanthippe", "phone": "+442079460958"})
    weak = await clinic.staff("clinic-admin", strong=False)
    refused(await weak.get("/v1/audit"), 403, "assurance-too-low")
    refused(await (await clinic.staff("reception")).get("/v1/audit"), 403, "forbidden")
    async with watched.platform.database.app(clinic.tenant) as tx:
        stored = str(await (await tx.execute("select a::text from audit a")).fetchall())
    for private in ("anthippe", "9460958", "mail.example"):
        assert private not in stored


async def test_one_clinic_sees_nothing_of_another(watched: Any) -> None:
    harbour, meadow = await watched.clinic("Harbour"), await watched.clinic("Meadow")
    pat = await harbour.patient()
    await meadow.admin.strengthen()
    assert (await meadow.admin.get("/v1/audit", person=pat.id)).json()["items"] == []
    seen = (await meadow.admin.get("/v1/audit", limit=100)).json()["items"]
    assert {one["who"] for one in seen} <= {"Ada of Meadow", "Somebody who was not signed in"}
    assert (await meadow.admin.get("/v1/me/access-log")).status_code == 200


async def test_asvs_16_4_1_what_a_caller_sends_cannot_break_out_of_its_line(watched: Any) -> None:
    clinic = await watched.clinic()
    await clinic.admin.strengthen()
    wrong = "x\n2026-01-01 admin done\r\x1b[31m\0"
    row = AuditRow(tenant=clinic.tenant, actor=PersonId(UUID(clinic.admin.id)), action="test.injected", object=wrong)
    await Audit(watched.platform.database).read([row])
    [line] = (await clinic.admin.get("/v1/audit", action="test.injected")).json()["items"]
    assert line["object"] == wrong.replace("\0", "\ufffd")
    assert cast("str", line["who"]) == "Ada of Harbour"


def test_what_was_done_is_said_in_plain_words() -> None:
    assert plain("profiles.read") == "looked at the profile"
    assert plain("consent.given.v1") == "gave a consent"
    assert plain("session.turned-around.v2") == "session turned around"
