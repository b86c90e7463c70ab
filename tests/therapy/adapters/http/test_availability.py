"""Hours and slots over HTTP."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

HOURS = {"zone": "Europe/London", "weekly": [{"weekday": 1, "from": "09:00", "to": "24:00"}], "minutes": 50}
DEFAULTS: dict[str, Any] = {
    "notice_minutes": 0,
    "horizon_days": 90,
    "step_minutes": None,
    "before_minutes": 0,
    "after_minutes": 0,
    "per_day": None,
    "per_week": None,
    "confirms": False,
    "answer_hours": 48,
    "offer_minutes": 240,
    "late_hours": 24,
    "room": None,
    "kind": "video",
    "place": "",
    "name": "",
    "overrides": [],
}
PATH = "/v1/availability"


def code(answer: Any) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).removeprefix("/problems/")


async def test_hours_are_published_and_read_back(clinic: Any) -> None:
    therapist = clinic.person("therapist")
    assert (await therapist.get(PATH)).status_code == 404
    saved = await therapist.put(PATH, json=HOURS)
    assert (saved.status_code, saved.json()) == (200, {"therapist": str(therapist.id), "version": 1})
    found = await therapist.get(PATH)
    assert found.json() == HOURS | DEFAULTS | {"id": str(therapist.id), "version": 1}
    assert found.headers["etag"][:3] == '"1.'


async def test_hours_are_replaced_and_the_same_hours_change_nothing(clinic: Any) -> None:
    therapist = await clinic.therapist()
    assert (await therapist.put(PATH, json=HOURS)).json()["version"] == 2
    assert (await therapist.put(PATH, json=HOURS)).json()["version"] == 2
    assert (await therapist.get(PATH)).json()["minutes"] == 50


async def test_hours_are_replaced_on_a_version(clinic: Any) -> None:
    therapist = await clinic.therapist()
    stale = await therapist.put(PATH, json=HOURS, if_match='"7"')
    assert (stale.status_code, code(stale)) == (412, "version-conflict")
    assert (await therapist.put(PATH, json=HOURS, if_match='"1"')).json()["version"] == 2


@pytest.mark.parametrize(
    ("wrong", "status", "problem"),
    [
        ({"zone": "Europe/Atlantis"}, 422, "unknown-zone"),
        ({"weekly": [{"weekday": 1, "from": "09:00", "to": "09:30"}]}, 422, "window-too-short"),
        ({"weekly": [{"weekday": 1, "from": "17:00", "to": "09:00"}]}, 422, "window-too-short"),
        ({"weekly": [*HOURS["weekly"], {"weekday": 1, "from": "23:00", "to": "24:00"}]}, 422, "windows-overlap"),  # type: ignore[misc]
        ({"weekly": [{"weekday": 0, "from": "09:00", "to": "12:00"}]}, 400, None),
        ({"weekly": [{"weekday": 1, "from": "24:00", "to": "24:00"}]}, 400, None),
        ({"weekly": [{"weekday": 1, "from": "9:00", "to": "12:00"}]}, 400, None),
        ({"weekly": HOURS["weekly"] * 101}, 400, None),  # type: ignore[operator]
        ({"minutes": 4}, 400, None),
        ({"minutes": 241}, 400, None),
        ({"minutes": 50.5}, 400, None),
        ({"horizon_days": 0}, 400, None),
        ({"notice_minutes": -1}, 400, None),
        ({"zone": "../etc/passwd"}, 400, None),
        ({"surprise": 1}, 400, None),
    ],
)
async def test_wrong_hours_are_refused_and_nothing_changes(
    clinic: Any, wrong: dict[str, Any], status: int, problem: str | None
) -> None:
    therapist = clinic.person("therapist")
    refused = await therapist.put(PATH, json=HOURS | wrong)
    assert refused.status_code == status, refused.text
    assert problem in {None, code(refused)}
    assert (await therapist.get(PATH)).status_code == 404


@pytest.mark.parametrize("role", ["patient", "reception", "clinic-admin", "supervisor", "operator"])
async def test_only_therapists_have_hours(clinic: Any, role: Any) -> None:
    other = clinic.person(role)
    for answer in (await other.put(PATH, json=HOURS), await other.get(PATH)):
        assert (answer.status_code, code(answer)) == (403, "forbidden")
    assert (await clinic.http.put(PATH, json=HOURS)).status_code == 401


async def slots(person: Any, therapist: Any, start: datetime, end: datetime) -> Any:
    query = {"from": start.isoformat(), "to": end.isoformat()}
    return await person.get(f"/v1/therapists/{therapist.id}/slots", **query)


async def test_slots_are_what_the_hours_leave(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(notice_minutes=24 * 60), clinic.person("patient")
    assert (await patient.book(therapist, tomorrow + timedelta(hours=2))).status_code == 201
    found = await slots(patient, therapist, clinic.clock.now, clinic.clock.now + timedelta(days=2))
    hours = [8, 9, 11, 12, 13, 14, 15]
    slot = {"minutes": 60, "schedule": str(therapist.id), "kind": "video"}
    items = [{"starts_at": f"2026-06-02T{hour:02}:00:00Z"} | slot for hour in hours]
    assert found.json() == {"items": items, "away": [], "next": None}


async def test_a_cancelled_slot_is_offered_again(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    hour = (tomorrow, tomorrow + timedelta(hours=1))
    await patient.book(therapist, tomorrow, appointment)
    assert (await slots(patient, therapist, *hour)).json()["items"] == []
    await patient.cancel(appointment)
    assert len((await slots(patient, therapist, *hour)).json()["items"]) == 1


@pytest.mark.parametrize("days", [0, -1, 62.0001])
async def test_a_search_has_a_range(clinic: Any, tomorrow: datetime, days: float) -> None:
    therapist = await clinic.therapist()
    refused = await slots(therapist, therapist, tomorrow, tomorrow + timedelta(days=days))
    assert (refused.status_code, code(refused)) == (422, "range-too-long")
    assert (await slots(therapist, therapist, tomorrow, tomorrow + timedelta(days=62))).status_code == 200


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-06-01T00:00:00", "2026-06-02T00:00:00"),
        ("2026-06-01", "2026-06-02T00:00:00Z"),
        ("yesterday", "2026-06-02T00:00:00Z"),
        ("2026-06-01T00:00:00Z", ""),
    ],
)
async def test_a_time_without_an_offset_is_no_moment(clinic: Any, start: str, end: str) -> None:
    therapist = await clinic.therapist()
    refused = await therapist.get(f"/v1/therapists/{therapist.id}/slots", **{"from": start, "to": end})
    assert refused.status_code == 400, refused.text


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("0001-01-01T00:00:00+14:00", "0001-02-01T00:00:00Z"),
        ("9999-12-01T00:00:00Z", "9999-12-31T23:59:59-14:00"),
    ],
)
async def test_the_ends_of_time_have_no_slots(clinic: Any, start: str, end: str) -> None:
    therapist = await clinic.therapist()
    found = await therapist.get(f"/v1/therapists/{therapist.id}/slots", **{"from": start, "to": end})
    assert (found.status_code, found.json()["items"]) == (200, [])


async def test_hours_of_another_clinic_do_not_exist(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist()
    for stranger in (clinic.person("patient", tenant=uuid4()), clinic.person("clinic-admin", tenant=uuid4())):
        refused = await slots(stranger, therapist, tomorrow, tomorrow + timedelta(days=1))
        assert (refused.status_code, code(refused)) == (404, "not-found")
    elsewhere = clinic.person("therapist", known=therapist.id, tenant=uuid4())
    assert (await elsewhere.get(PATH)).status_code == 404
    refused = await slots(clinic.person("patient"), clinic.person("therapist"), tomorrow, tomorrow + timedelta(days=1))
    assert refused.status_code == 404
