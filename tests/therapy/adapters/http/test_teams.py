"""Teams and series over HTTP."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.testing.answers import refused

TEAMS = "/v1/teams"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def team_of(*therapists: Any, name: str = "Anxiety") -> dict[str, Any]:
    return {"name": name, "members": [{"therapist": str(one.id), "weight": 1} for one in therapists]}


async def slots(person: Any, team: str, start: datetime, hours: int = 2) -> list[tuple[str, str]]:
    query = {"from": start.isoformat(), "to": (start + hours * HOUR).isoformat()}
    answer = await person.get(f"{TEAMS}/{team}/slots", **query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    return [(each["starts_at"], each["therapist"]) for each in answer.json()["items"]]


async def test_a_team_gives_slots_in_turn_and_keeps_whom_the_patient_knows(clinic: Any, tomorrow: datetime) -> None:
    one, two, admin = await clinic.therapist(), await clinic.therapist(), clinic.person("clinic-admin")
    patient, other = clinic.person("patient"), clinic.person("patient")
    saved = await admin.post(TEAMS, json=team_of(one, two))
    assert (saved.status_code, saved.json()["version"]) == (201, 1)
    team = saved.json()["team"]
    [listed] = (await patient.get(TEAMS)).json()["items"]
    assert listed == team_of(one, two) | {"id": team, "version": 1}
    assert await slots(patient, team, tomorrow) == [
        ("2026-06-02T08:00:00Z", str(one.id)),
        ("2026-06-02T09:00:00Z", str(one.id)),
    ]
    assert (await patient.book(one, tomorrow)).status_code == 201
    nine = "2026-06-02T09:00:00Z"
    assert await slots(other, team, tomorrow) == [("2026-06-02T08:00:00Z", str(two.id)), (nine, str(two.id))]
    assert await slots(patient, team, tomorrow) == [("2026-06-02T08:00:00Z", str(two.id)), (nine, str(one.id))]
    assert {who for _, who in await slots(one, team, tomorrow)} == {str(two.id)}


async def test_a_team_is_changed_and_dissolved(clinic: Any, tomorrow: datetime) -> None:
    one, two, admin = await clinic.therapist(), await clinic.therapist(), clinic.person("clinic-admin")
    team = (await admin.post(TEAMS, json=team_of(one))).json()["team"]
    path = f"{TEAMS}/{team}"
    assert (await admin.put(path, json=team_of(two), if_match='"1"')).json() == {"team": team, "version": 2}
    refused(await admin.put(path, json=team_of(one), if_match='"1"'), 412, "version-conflict")
    refused(await admin.put(path, json=team_of(one, one)), 422, "twice-in-team")
    refused(await admin.put(path, json=team_of(clinic.person("therapist"))), 422, "no-hours-in-team")
    assert {who for _, who in await slots(one, team, tomorrow)} == {str(two.id)}
    stranger = clinic.person("clinic-admin", tenant=uuid4())
    for person, at in ((stranger, path), (admin, f"{TEAMS}/{uuid4()}")):
        refused(await person.put(at, json=team_of(two)), 404, "not-found")
        refused(await clinic.http.delete(at, headers=person.headers), 404, "not-found")
    assert (await clinic.http.delete(path, headers=admin.headers)).status_code == 204
    refused(await admin.put(path, json=team_of(two)), 404, "not-found")
    query = {"from": tomorrow.isoformat(), "to": (tomorrow + HOUR).isoformat()}
    refused(await admin.get(f"{path}/slots", **query), 404, "not-found")
    assert (await admin.get(TEAMS)).json()["items"] == []


async def test_a_search_of_a_team_has_a_range(clinic: Any, tomorrow: datetime) -> None:
    admin = clinic.person("clinic-admin")
    team = (await admin.post(TEAMS, json=team_of(await clinic.therapist()))).json()["team"]
    for start, end in (
        (tomorrow, tomorrow + 63 * DAY),
        (tomorrow, tomorrow),
    ):
        answer = await admin.get(f"{TEAMS}/{team}/slots", **{"from": start.isoformat(), "to": end.isoformat()})
        refused(answer, 422, "range-too-long")
    for since, until in (
        ("0001-01-01T00:00:00+14:00", "0001-02-01T00:00:00Z"),
        ("9999-12-01T00:00:00Z", "9999-12-31T23:59:59-14:00"),
    ):
        answer = await admin.get(f"{TEAMS}/{team}/slots", **{"from": since, "to": until})
        assert (answer.status_code, answer.json()["items"]) == (200, [])


@pytest.mark.parametrize("role", ["patient", "therapist", "reception"])
async def test_only_the_clinic_sets_up_teams(clinic: Any, role: Any) -> None:
    person = clinic.person(role)
    refused(await person.post(TEAMS, json=team_of(await clinic.therapist())), 403, "forbidden")
    assert (await person.get(TEAMS)).json()["items"] == []


async def test_a_series_shows_which_of_its_appointments_are_free(clinic: Any, tomorrow: datetime) -> None:
    therapist, colleague, patient = await clinic.therapist(), await clinic.therapist(), clinic.person("patient")
    other = clinic.person("patient")
    assert (await other.book(therapist, tomorrow + 7 * DAY)).status_code == 201
    assert (await patient.book(colleague, tomorrow + 14 * DAY)).status_code == 201
    path = f"/v1/therapists/{therapist.id}/series"
    found = await patient.get(path, **{"from": tomorrow.isoformat(), "count": 4})
    assert [(each["free"], each["lacks"]) for each in found.json()["items"]] == [
        (True, None),
        (False, "taken"),
        (False, "you-are-busy"),
        (True, None),
    ]
    assert found.json()["items"][0].items() >= {"starts_at": "2026-06-02T08:00:00Z", "minutes": 60}.items()
    desk = await clinic.person("reception").get(path, **{"from": tomorrow.isoformat(), "count": 4})
    assert [each["free"] for each in desk.json()["items"]] == [True, False, True, True]


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+14:00", "2020-01-01T09:00:00Z", "9999-12-31T23:59:59-14:00"])
async def test_a_series_years_away_is_refused(clinic: Any, start: str) -> None:
    therapist = await clinic.therapist()
    path = f"/v1/therapists/{therapist.id}/series"
    refused(await therapist.get(path, **{"from": start}), 422, "range-too-long")
    now = clinic.clock.now.isoformat()
    refused(await therapist.get(path, **{"from": now, "schedule": str(uuid4())}), 404, "not-found")
    refused(await therapist.get(f"/v1/therapists/{uuid4()}/series", **{"from": now}), 404, "not-found")
