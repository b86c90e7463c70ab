"""The day of a therapist and of the clinic: what stands in it, by which clocks, and what the desk does not see."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.waiting_room import WaitingRoom
from tests.therapy.ward import Ward

from mindlyfe.kernel.testing.answers import refused

WEEK = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(1, 8)]
HOUR = timedelta(hours=1)


class Practice:
    """A therapist who treats a patient around the clock, a supervisor, and the desk."""

    def __init__(self, clinic: Any) -> None:
        self.clinic, self.ward, self.room = clinic, Ward(clinic), WaitingRoom(clinic)
        self.ruiz, self.leila, self.desk = self.ward.author, self.ward.patient, clinic.person("reception")

    async def opens(self, **hours: Any) -> None:
        published = {"zone": "UTC", "weekly": WEEK, "minutes": 60} | hours
        assert (await self.ruiz.put("/v1/availability", json=published)).status_code == 200

    async def books(self, hours: int, who: Any = None) -> str:
        """So many hours after the Monday that it is at six."""
        id_ = str(uuid4())
        at = self.clinic.clock.now.replace(hour=0) + hours * HOUR
        answer = await (who or self.clinic.person("patient")).book(self.ruiz, at, UUID(id_))
        assert answer.status_code == 201, answer.text
        return id_

    async def day(self, who: Any = None, clinic: bool = False, **query: str) -> dict[str, Any]:
        answer = await (who or self.ruiz).get("/v1/clinic/agenda" if clinic else "/v1/agenda", **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def practice(clinic: Any) -> Practice:
    found = Practice(clinic)
    await found.opens()
    return found


def ids(entries: list[dict[str, Any]], name: str = "id") -> list[str]:
    return [one[name] for one in entries]


async def test_a_day_is_by_the_clocks_of_whom_it_is_shown_to(practice: Practice) -> None:
    late, early = await practice.books(23), await practice.books(24)
    assert ids((await practice.day(date="2026-06-01"))["appointments"]) == [late]
    london = await practice.day(date="2026-06-02", zone="Europe/London")
    assert (london["since"], london["until"]) == ("2026-06-01T23:00:00Z", "2026-06-02T23:00:00Z")
    assert ids(london["appointments"]) == [late, early]
    today = await practice.day(zone="Pacific/Auckland")
    assert today["day"] == "2026-06-01"
    practice.clinic.clock.pass_(hours=6)
    assert (await practice.day(zone="Pacific/Auckland"))["day"] == "2026-06-02"
    clocks_change = await practice.day(date="2026-10-25", zone="Europe/London")
    assert (clocks_change["since"], clocks_change["until"]) == ("2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z")


async def test_the_day_shows_how_far_an_appointment_has_come_and_nothing_that_is_off(practice: Practice) -> None:
    off, stands = await practice.books(10), await practice.books(11)
    await practice.ruiz.cancel(off)
    (entry,) = (await practice.day())["appointments"]
    assert (entry["id"], entry["status"], entry["encounter"], entry["kind"]) == (stands, "booked", None, "video")
    mine = practice.clinic.person("therapist")
    assert (await practice.day(mine))["appointments"] == [], "a colleague's day is their own"
    assert ids((await practice.day(practice.desk, clinic=True))["appointments"]) == [stands]


async def test_requests_and_offers_wait_for_an_answer_whatever_the_day(practice: Practice) -> None:
    await practice.opens(confirms=True)
    asked = await practice.books(40)
    weekly = [{"weekday": 2, "from": "09:00", "to": "10:00"}]
    await practice.opens(confirms=True, weekly=weekly, horizon_days=13)
    _, waiting = await practice.room.joins()
    await practice.room.turns()
    offer = await practice.room.offered(waiting)
    for day in (await practice.day(date="2026-07-01"), await practice.day(practice.desk, clinic=True)):
        assert ids(day["requests"]) == [asked]
        assert day["requests"][0]["lapses_at"] is not None
        assert ids(day["offers"]) == [offer["id"]]
    practice.clinic.clock.pass_(hours=49)
    assert (await practice.day())["requests"] == [], "it has lapsed"


async def test_an_appointment_without_a_signed_note_is_outstanding_until_it_has_one(practice: Practice) -> None:
    first, second = await practice.books(8, practice.leila), await practice.books(9, practice.leila)
    assert (await practice.day())["notes_outstanding"] == [], "they have not met yet"
    practice.clinic.clock.pass_(hours=4)
    outstanding = (await practice.day())["notes_outstanding"]
    assert ids(outstanding, "appointment") == [first, second]
    note, revision = await practice.ward.draft(appointment=first)
    assert ids((await practice.day())["notes_outstanding"], "draft") == [str(note), None]
    await practice.ward.sign(note, revision)
    assert ids((await practice.day())["notes_outstanding"], "appointment") == [second]
    practice.clinic.clock.pass_(days=61)
    assert (await practice.day())["notes_outstanding"] == []


async def test_co_signatures_are_due_of_whom_one_supervises(practice: Practice) -> None:
    note, _ = await practice.ward.signed()
    await practice.ruiz.post(practice.ward.at(note, "cosignature-request"), json=None)
    assert ids((await practice.day(practice.ward.supervisor))["to_cosign"]) == [str(note)]
    assert (await practice.day())["to_cosign"] == []
    practice.clinic.identity.reachable = False
    refused(await practice.ward.supervisor.get("/v1/agenda"), 503, "unavailable")


async def test_the_desk_sees_the_clinics_day_and_nothing_of_notes(practice: Practice) -> None:
    await practice.books(8, practice.leila)
    day = await practice.day(practice.desk, clinic=True)
    assert day.keys() == {"day", "zone", "since", "until", "appointments", "requests", "offers"}
    refused(await practice.desk.get("/v1/agenda"), 403, "forbidden")
    for who in (practice.leila, practice.ruiz):
        refused(await who.get("/v1/clinic/agenda"), 403, "forbidden")
    elsewhere = practice.clinic.person("reception", tenant=uuid4())
    assert (await practice.day(elsewhere, clinic=True))["appointments"] == []


async def test_an_unknown_zone_is_refused(practice: Practice) -> None:
    for who, path in ((practice.ruiz, "/v1/agenda"), (practice.desk, "/v1/clinic/agenda")):
        refused(await who.get(path, zone="Europe/Nowhere"), 422, "unknown-zone")
