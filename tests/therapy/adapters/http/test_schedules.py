"""Schedules, dates that are otherwise, time off and limits over HTTP, and what booking makes of them."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.conftest import OFFICE

from mindlyfe.kernel.testing.answers import refused

SCHEDULES, OFF = "/v1/schedules", "/v1/time-off"
ON_SITE = OFFICE | {"kind": "on-site", "place": "12 Harbour Street", "name": "Harbour", "minutes": 50}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TUESDAY = {"zone": "Europe/London", "first": "2026-06-02", "last": "2026-06-02"}


async def slots(person: Any, therapist: Any, start: datetime, hours: int = 24, **more: str) -> Any:
    query = {"from": start.isoformat(), "to": (start + hours * HOUR).isoformat()} | more
    answer = await person.get(f"/v1/therapists/{therapist.id}/slots", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_schedule_beside_the_first_has_its_own_hours_and_place(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    saved = await therapist.post(SCHEDULES, json=ON_SITE)
    assert (saved.status_code, saved.json()["version"]) == (201, 2)
    second = saved.json()["schedule"]
    listed = (await therapist.get(SCHEDULES)).json()["items"]
    assert [each["id"] for each in listed] == [str(therapist.id), second]
    assert listed[1].items() >= ON_SITE.items()
    shown = await slots(patient, therapist, tomorrow, 2)
    assert Counter(each["kind"] for each in shown["items"]) == {"video": 2, "on-site": 3}
    only = await slots(patient, therapist, tomorrow, 2, schedule=second)
    assert {each["kind"] for each in only["items"]} == {"on-site"}
    wish = {"therapist": str(therapist.id), "starts_at": tomorrow.isoformat(), "schedule": second}
    appointment = uuid4()
    assert (await patient.put(f"/v1/appointments/{appointment}", json=wish)).status_code == 201
    booked = (await patient.get(f"/v1/appointments/{appointment}")).json()
    assert (
        booked.items() >= {"kind": "on-site", "place": "12 Harbour Street", "minutes": 50, "schedule": second}.items()
    )
    refused(await clinic.person("patient").book(therapist, tomorrow), 409, "slot-taken")


async def test_a_schedule_is_changed_and_closed(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist()
    second = (await therapist.post(SCHEDULES, json=ON_SITE)).json()["schedule"]
    path = f"{SCHEDULES}/{second}"
    changed = await therapist.put(path, json=ON_SITE | {"minutes": 30}, if_match='"2"')
    assert (changed.status_code, changed.json()) == (200, {"schedule": second, "version": 3})
    refused(await therapist.put(path, json=ON_SITE, if_match='"2"'), 412, "version-conflict")
    refused(await therapist.put(path, json=ON_SITE | {"place": ""}), 422, "place-missing")
    refused(await therapist.put(f"{SCHEDULES}/{uuid4()}", json=ON_SITE), 404, "not-found")
    other = await clinic.therapist()
    for at, body in ((path, ON_SITE), (f"{path}/overrides", {"overrides": []})):
        refused(await other.put(at, json=body), 404, "not-found")
    gone = await clinic.http.delete(path, headers=therapist.headers)
    assert gone.status_code == 204
    refused(await clinic.http.delete(path, headers=therapist.headers), 404, "not-found")
    assert {each["kind"] for each in (await slots(therapist, therapist, tomorrow))["items"]} == {"video"}


async def test_the_same_key_begins_one_schedule(clinic: Any) -> None:
    therapist = await clinic.therapist()
    first, again = [await therapist.post(SCHEDULES, json=ON_SITE, idempotency_key="s1") for _ in range(2)]
    assert first.json() == again.json()
    assert len((await therapist.get(SCHEDULES)).json()["items"]) == 2
    for _ in range(18):
        assert (await therapist.post(SCHEDULES, json=ON_SITE)).status_code == 201
    refused(await therapist.post(SCHEDULES, json=ON_SITE), 422, "too-many-schedules")


async def test_a_date_is_otherwise(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    path = f"{SCHEDULES}/{therapist.id}/overrides"
    overrides = [
        {"day": "2026-06-02", "hours": [{"from": "18:00", "to": "20:00"}]},
        {"day": "2026-06-03", "hours": []},
    ]
    assert (await therapist.put(path, json={"overrides": overrides})).json()["version"] == 2
    assert (await therapist.get("/v1/availability")).json()["overrides"] == overrides
    shown = await slots(patient, therapist, tomorrow, 48)
    assert [each["starts_at"] for each in shown["items"]] == ["2026-06-02T17:00:00Z", "2026-06-02T18:00:00Z"]
    refused(await patient.book(therapist, tomorrow), 409, "slot-not-offered")
    twice = [overrides[1], overrides[1]]
    refused(await therapist.put(path, json={"overrides": twice}), 422, "overrides-clash")
    short = [{"day": "2026-06-02", "hours": [{"from": "18:00", "to": "18:30"}]}]
    refused(await therapist.put(path, json={"overrides": short}), 422, "window-too-short")
    both = [{"day": "2026-06-02", "hours": [{"from": "18:00", "to": "20:00"}, {"from": "19:00", "to": "21:00"}]}]
    refused(await therapist.put(path, json={"overrides": both}), 422, "windows-overlap")


async def test_time_off_sends_patients_to_a_colleague(clinic: Any, tomorrow: datetime) -> None:
    therapist, colleague, patient = await clinic.therapist(), await clinic.therapist(), clinic.person("patient")
    saved = await therapist.post(OFF, json=TUESDAY | {"to": "13:00", "colleague": str(colleague.id)})
    assert (saved.status_code, saved.json()["version"]) == (201, 2)
    shown = await slots(patient, therapist, tomorrow)
    assert [each["starts_at"][11:13] for each in shown["items"] if each["starts_at"] < "2026-06-03"] == [
        "12",
        "13",
        "14",
        "15",
    ]
    assert shown["away"] == [
        {"since": "2026-06-01T23:00:00Z", "until": "2026-06-02T12:00:00Z", "colleague": str(colleague.id)}
    ]
    refused(await patient.book(therapist, tomorrow), 409, "therapist-away")
    [listed] = (await therapist.get(OFF)).json()["items"]
    expected = TUESDAY | {"from": "00:00", "to": "13:00", "colleague": str(colleague.id)}
    assert listed == expected | {"id": saved.json()["time_off"]}
    path = f"{OFF}/{listed['id']}"
    refused(await clinic.http.delete(path, headers=colleague.headers), 404, "not-found")
    assert (await clinic.http.delete(path, headers=therapist.headers)).status_code == 204
    assert (await patient.book(therapist, tomorrow)).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"last": "2026-06-01"}, "time-off-backwards"),
        ({"zone": "Europe/Atlantis"}, "unknown-zone"),
        ({"colleague": str(uuid4())}, "no-colleague"),
    ],
)
async def test_time_off_is_refused_for_a_reason(clinic: Any, wrong: dict[str, str], code: str) -> None:
    therapist = await clinic.therapist()
    refused(await therapist.post(OFF, json=TUESDAY | wrong), 422, code)
    refused(await therapist.post(OFF, json=TUESDAY | {"colleague": str(therapist.id)}), 422, "no-colleague")


async def test_a_therapist_has_so_many_times_off(clinic: Any) -> None:
    therapist = await clinic.therapist()
    answers = await asyncio.gather(*[therapist.post(OFF, json=TUESDAY) for _ in range(400)])
    assert {answer.status_code for answer in answers} == {201}
    refused(await therapist.post(OFF, json=TUESDAY), 422, "too-much-time-off")


async def test_room_around_appointments_holds_in_a_race(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist(step_minutes=30, after_minutes=15, before_minutes=15)
    starts = [tomorrow + n * HOUR / 2 for n in range(8)]
    answers = await asyncio.gather(*[clinic.person("patient").book(therapist, at) for at in starts])
    won = sorted(at for at, answer in zip(starts, answers, strict=True) if answer.status_code == 201)
    assert 2 <= len(won) <= 3
    assert all(b - a >= 1.5 * HOUR for a, b in pairwise(won))
    assert {answer.json()["type"] for answer in answers if answer.status_code != 201} == {"/problems/slot-taken"}


@pytest.mark.parametrize(("limit", "most"), [({"per_day": 3}, 3), ({"per_week": 4}, 4), ({"per_day": 2}, 2)])
async def test_a_limit_holds_in_a_race(clinic: Any, tomorrow: datetime, limit: dict[str, int], most: int) -> None:
    therapist, patients = await clinic.therapist(**limit), [clinic.person("patient") for _ in range(8)]
    answers = await asyncio.gather(*[one.book(therapist, tomorrow + n * HOUR) for n, one in enumerate(patients)])
    assert Counter(answer.status_code for answer in answers) == {201: most, 409: 8 - most}
    assert {a.json()["type"] for a in answers if a.status_code == 409} <= {"/problems/therapist-full"}
    shown = await slots(patients[0], therapist, tomorrow, 8)
    assert shown["items"] == []
    first = next(n for n, answer in enumerate(answers) if answer.status_code == 201)
    assert (await patients[first].cancel(answers[first].json()["appointment"])).status_code == 200
    assert len((await slots(patients[0], therapist, tomorrow, 8))["items"]) == 9 - most
    late = clinic.person("patient")
    assert (await late.book(therapist, tomorrow + first * HOUR)).status_code == 201
    refused(await clinic.person("patient").book(therapist, tomorrow + 7 * HOUR), 409, "therapist-full")


@pytest.mark.parametrize("role", ["patient", "reception", "clinic-admin", "supervisor", "operator"])
async def test_only_therapists_have_schedules(clinic: Any, role: Any) -> None:
    person = clinic.person(role)
    for path, body in ((SCHEDULES, ON_SITE), (OFF, TUESDAY)):
        refused(await person.get(path), 403, "forbidden")
        refused(await person.post(path, json=body), 403, "forbidden")
    nobody = clinic.person("therapist")
    assert (await nobody.get(SCHEDULES)).json()["items"] == []
    assert (await nobody.get(OFF)).json()["items"] == []
