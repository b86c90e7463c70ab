"""A therapist is ill: where the appointments could go, and that each goes there once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.adapters.http.test_booking import problem

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOVES = "/v1/clinic/moves"


def shown(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


async def booked(patient: Any, therapist: Any, at: datetime) -> UUID:
    appointment = uuid4()
    assert (await patient.book(therapist, at, appointment)).status_code == 201
    return appointment


async def preview(who: Any, therapist: Any, day: datetime, until: datetime | None = None) -> Any:
    times = {"from": day.isoformat(), "to": (until or day + 9 * HOUR).isoformat()}
    return await who.get(f"/v1/therapists/{therapist.id}/displaced", **times)


async def proposals(who: Any, therapist: Any, day: datetime) -> list[tuple[str, Any]]:
    answer = await preview(who, therapist, day)
    assert answer.status_code == 200, answer.text
    return [
        (one["appointment"], one["proposal"] and (one["proposal"]["therapist"], one["proposal"]["starts_at"]))
        for one in answer.json()["items"]
    ]


async def team(clinic: Any, *members: Any) -> None:
    body = {"name": "Adults", "members": [{"therapist": str(one.id)} for one in members]}
    assert (await clinic.person("clinic-admin").post("/v1/teams", json=body)).status_code == 201


async def test_a_colleague_at_the_same_time_or_the_next_slot_and_no_place_twice(
    clinic: Any, tomorrow: datetime
) -> None:
    ill, colleague, desk = await clinic.therapist(), await clinic.therapist(), clinic.person("reception")
    await team(clinic, ill, colleague)
    patients = [clinic.person("patient") for _ in range(4)]
    made = [await booked(patient, ill, tomorrow + n * HOUR) for n, patient in enumerate(patients[:3])]
    await booked(patients[3], colleague, tomorrow + HOUR)
    await booked(patients[0], ill, tomorrow + DAY)
    assert await proposals(desk, ill, tomorrow) == [
        (str(made[0]), (str(colleague.id), shown(tomorrow))),
        (str(made[1]), (str(ill.id), shown(tomorrow + DAY + HOUR))),
        (str(made[2]), (str(colleague.id), shown(tomorrow + 2 * HOUR))),
    ]
    assert [one["starts_at"] for one in (await patients[0].get("/v1/appointments")).json()["items"]] == [
        shown(tomorrow),
        shown(tomorrow + DAY),
    ], "nothing is moved by looking"


async def test_two_without_a_colleague_get_two_slots(clinic: Any, tomorrow: datetime) -> None:
    ill, desk = await clinic.therapist(), clinic.person("clinic-admin")
    made = [await booked(clinic.person("patient"), ill, tomorrow + n * HOUR) for n in range(2)]
    assert await proposals(desk, ill, tomorrow) == [
        (str(made[0]), (str(ill.id), shown(tomorrow + DAY))),
        (str(made[1]), (str(ill.id), shown(tomorrow + DAY + HOUR))),
    ]


async def test_whoever_stands_in_comes_first_and_a_busy_patient_goes_elsewhere(clinic: Any, tomorrow: datetime) -> None:
    ill, first, stand_in = [await clinic.therapist() for _ in range(3)]
    patient, desk = clinic.person("patient"), clinic.person("reception")
    await team(clinic, ill, first)
    appointment = await booked(patient, ill, tomorrow)
    off = {"zone": "UTC", "first": f"{tomorrow:%Y-%m-%d}", "last": f"{tomorrow:%Y-%m-%d}"}
    off |= {"colleague": str(stand_in.id)}
    assert (await ill.post("/v1/time-off", json=off)).status_code == 201
    assert await proposals(desk, ill, tomorrow) == [(str(appointment), (str(stand_in.id), shown(tomorrow)))]
    await booked(clinic.person("patient"), stand_in, tomorrow)
    assert await proposals(desk, ill, tomorrow) == [(str(appointment), (str(first.id), shown(tomorrow)))]


async def test_a_request_is_answered_first(clinic: Any, tomorrow: datetime) -> None:
    ill, desk = await clinic.therapist(confirms=True), clinic.person("reception")
    appointment = await booked(clinic.person("patient"), ill, tomorrow)
    assert await proposals(desk, ill, tomorrow) == [(str(appointment), None)]


async def test_the_chosen_are_moved_once_and_each_says_what_became_of_it(clinic: Any, tomorrow: datetime) -> None:
    ill, colleague, desk = await clinic.therapist(), await clinic.therapist(), clinic.person("reception")
    patients = [clinic.person("patient") for _ in range(3)]
    one, two, gone = [await booked(each, ill, tomorrow + n * HOUR) for n, each in enumerate(patients)]
    await patients[2].cancel(gone)
    to = {"therapist": str(colleague.id)}
    body = {
        "reason": "Tim is ill.",
        "moves": [
            {"appointment": str(one), "starts_at": shown(tomorrow), "version": 1, **to},
            {"appointment": str(two), "starts_at": shown(tomorrow), **to},
            {"appointment": str(gone), "starts_at": shown(tomorrow + 2 * HOUR), **to},
            {"appointment": str(uuid4()), "starts_at": shown(tomorrow + 3 * HOUR), **to},
        ],
    }
    for _ in range(2):
        answer = await desk.post(MOVES, json=body, idempotency_key="k")
        assert answer.status_code == 200, answer.text
        assert [(each["version"], each["refused"]) for each in answer.json()["items"]] == [
            (2, None),
            (None, "slot-taken"),
            (None, "appointment-not-booked"),
            (None, "not-found"),
        ]
    seen = await patients[0].seen(one)
    assert (seen["therapist"], seen["by"], seen["reason"], seen["sequence"]) == (
        str(colleague.id),
        str(desk.id),
        "Tim is ill.",
        1,
    )
    stale = {"moves": [{"appointment": str(one), "starts_at": shown(tomorrow + HOUR), "version": 1, **to}]}
    assert (await desk.post(MOVES, json=stale)).json()["items"][0]["refused"] == "version-conflict"


async def test_what_the_preview_proposes_can_be_moved(clinic: Any, tomorrow: datetime) -> None:
    ill, colleague, desk = await clinic.therapist(), await clinic.therapist(minutes=30), clinic.person("reception")
    await team(clinic, ill, colleague)
    for n in range(4):
        await booked(clinic.person("patient"), ill, tomorrow + n * HOUR)
    items = (await preview(desk, ill, tomorrow)).json()["items"]
    moves = [
        {name: one["proposal"][name] for name in ("therapist", "starts_at", "schedule")}
        | {name: one[name] for name in ("appointment", "version")}
        for one in items
    ]
    answer = await desk.post(MOVES, json={"moves": moves})
    assert [each["refused"] for each in answer.json()["items"]] == [None] * 4
    assert (await preview(desk, ill, tomorrow)).json()["items"] == []


@pytest.mark.parametrize("role", ["patient", "therapist", "supervisor"])
async def test_only_the_desk_sends_appointments_elsewhere(clinic: Any, tomorrow: datetime, role: Any) -> None:
    ill = await clinic.therapist()
    who = clinic.person(role)
    assert problem(await preview(who, ill, tomorrow)) == (403, "forbidden")
    move = {"appointment": str(uuid4()), "starts_at": shown(tomorrow), "therapist": str(ill.id)}
    assert problem(await who.post(MOVES, json={"moves": [move]})) == (403, "forbidden")


async def test_what_cannot_be_asked(clinic: Any, tomorrow: datetime) -> None:
    ill, desk = await clinic.therapist(), clinic.person("reception")
    stranger = clinic.person("reception", tenant=uuid4())
    assert problem(await preview(stranger, ill, tomorrow)) == (404, "not-found")
    assert problem(await preview(desk, clinic.person("therapist"), tomorrow)) == (404, "not-found")
    assert problem(await preview(desk, ill, tomorrow, tomorrow)) == (422, "range-too-long")
    assert problem(await preview(desk, ill, tomorrow, tomorrow + 63 * DAY)) == (422, "range-too-long")
    for far in ("0001-01-01T00:00:00Z", "9999-12-01T00:00:00Z"):
        day = datetime.fromisoformat(far)
        assert (await preview(desk, ill, day)).json()["items"] == []
