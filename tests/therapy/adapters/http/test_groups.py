"""Sessions of groups: seats are limited, guests learn nothing of one another, and each cancels alone."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.adapters.http.test_booking import problem
from tests.therapy.adapters.http.test_lists import relation
from tests.therapy.test_leavers import heard, news

from mindlyfe.kernel.ids import derived

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GROUPS = "/v1/group-sessions"


async def offered(who: Any, at: datetime, group: UUID | None = None, **more: Any) -> Any:
    body = {"title": "Tuesday group", "starts_at": at.isoformat(), "minutes": 90, "seats": 2} | more
    return await who.put(f"{GROUPS}/{group or uuid4()}", json=body)


async def session(who: Any, at: datetime, **more: Any) -> UUID:
    group = uuid4()
    answer = await offered(who, at, group, **more)
    assert answer.status_code == 201, answer.text
    return group


async def seated(who: Any, group: UUID, patient: Any, seat: UUID | None = None, **headers: str) -> Any:
    path = f"{GROUPS}/{group}/seats/{seat or uuid4()}"
    return await who.put(path, json={"patient": str(patient.id)}, **headers)


async def test_guests_have_seats_and_see_nobody(clinic: Any, tomorrow: datetime) -> None:
    therapist, desk, amina, jonas = await clinic.therapist(), clinic.person("reception"), *guests_of(clinic, 2)
    group, seat = await session(desk, tomorrow, therapist=str(therapist.id)), uuid4()
    assert (await seated(desk, group, amina, seat)).status_code == 201
    assert (await seated(desk, group, jonas)).status_code == 201
    seen = await amina.seen(seat)
    assert (seen["status"], seen["group_session"], seen["minutes"]) == ("booked", str(group), 90)
    [listed] = (await amina.get("/v1/appointments")).json()["items"]
    assert (listed["id"], listed["patient"]) == (str(seat), str(amina.id))
    shown = (await amina.get(f"{GROUPS}/{group}")).json()
    assert (shown["title"], shown["seats"], shown["taken"], shown["room"]) == ("Tuesday group", None, None, None)
    for answer in (seen, listed, shown):
        assert str(jonas.id) not in str(answer)
    for path in (f"{GROUPS}/{group}/guests", GROUPS):
        assert problem(await amina.get(path)) == (403, "forbidden")
    for staff in (therapist, desk):
        items = (await staff.get(f"{GROUPS}/{group}/guests")).json()["items"]
        assert {one["patient"] for one in items} == {str(amina.id), str(jonas.id)}
        [entry] = (await staff.get(GROUPS)).json()["items"]
        assert (entry["id"], entry["seats"], entry["taken"]) == (str(group), 2, 2)
        assert (await staff.get(f"{GROUPS}/{group}")).json()["taken"] == 2
    for stranger in (clinic.person("patient"), await clinic.therapist(), clinic.person("reception", tenant=uuid4())):
        assert problem(await stranger.get(f"{GROUPS}/{group}")) == (404, "not-found")


def guests_of(clinic: Any, count: int) -> list[Any]:
    return [clinic.person("patient") for _ in range(count)]


async def test_seats_are_limited_under_any_race_and_freed_one_by_one(clinic: Any, tomorrow: datetime) -> None:
    therapist, desk, guests = await clinic.therapist(), clinic.person("reception"), guests_of(clinic, 6)
    group, seats = await session(desk, tomorrow, therapist=str(therapist.id)), [uuid4() for _ in range(6)]
    answers = await asyncio.gather(
        *[seated(desk, group, guest, seat) for guest, seat in zip(guests, seats, strict=True)]
    )
    assert Counter(each.status_code for each in answers) == {201: 2, 409: 4}
    assert {problem(each) for each in answers if each.status_code == 409} == {(409, "group-full")}
    won = [n for n, each in enumerate(answers) if each.status_code == 201]
    assert (await guests[won[0]].cancel(seats[won[0]])).status_code == 200
    lost = next(n for n in range(6) if n not in won)
    assert (await seated(desk, group, guests[lost])).status_code == 201
    assert problem(await seated(desk, group, guests[won[0]])) == (409, "group-full")


async def test_it_takes_its_therapists_time_and_its_room_and_a_seat_its_guests(clinic: Any, tomorrow: datetime) -> None:
    admin, guest = clinic.person("clinic-admin"), clinic.person("patient")
    room = (await admin.post("/v1/rooms", json={"name": "Blue room"})).json()["room"]
    therapist, other = await clinic.therapist(), await clinic.therapist(room=room)
    group = await session(therapist, tomorrow, room=room)
    assert problem(await clinic.person("patient").book(therapist, tomorrow)) == (409, "slot-taken")
    assert problem(await clinic.person("patient").book(other, tomorrow)) == (409, "slot-taken")
    assert problem(await offered(therapist, tomorrow + HOUR)) == (409, "slot-taken")
    assert problem(await offered(other, tomorrow + HOUR, room=room)) == (409, "room-taken")
    assert (await seated(admin, group, guest)).status_code == 201
    free = await clinic.therapist()
    assert problem(await guest.book(free, tomorrow)) == (409, "patient-busy")
    busy = clinic.person("patient")
    assert (await busy.book(free, tomorrow + HOUR)).status_code == 201
    assert problem(await seated(admin, group, busy)) == (409, "patient-busy")


async def test_called_off_it_frees_all_and_each_guest_reads_why(clinic: Any, tomorrow: datetime) -> None:
    therapist, guest, gone = await clinic.therapist(), *guests_of(clinic, 2)
    clinic.identity.told = [relation(clinic, therapist, each) for each in (guest, gone)]
    clinic.clock.pass_(seconds=6)
    group, seat, other = await session(therapist, tomorrow), uuid4(), uuid4()
    for patient, id_ in ((guest, seat), (gone, other)):
        assert (await seated(therapist, group, patient, id_)).status_code == 201
    await gone.cancel(other, "I travel")
    for _ in range(2):
        path = f"{GROUPS}/{group}/cancellation"
        answer = await therapist.post(path, json={"reason": "I am ill."}, idempotency_key="k")
        assert answer.json() == {"group_session": str(group), "version": 2}
    seen = await guest.seen(seat)
    assert (seen["status"], seen["reason"], seen["version"]) == ("cancelled", "I am ill.", 2)
    assert (await gone.seen(other))["reason"] == "I travel"
    assert (await guest.get(f"{GROUPS}/{group}")).json()["called_off"] is True
    assert (await therapist.get(GROUPS)).json()["items"] == []
    assert problem(await seated(therapist, group, guest)) == (409, "group-called-off")
    assert (await clinic.person("patient").book(therapist, tomorrow)).status_code == 201


async def test_seats_and_the_end_race_and_nobody_is_left_in_a_session_that_is_not(
    clinic: Any, tomorrow: datetime
) -> None:
    therapist, desk = await clinic.therapist(), clinic.person("reception")
    for hour in range(4):
        guests, at = guests_of(clinic, 3), tomorrow + 2 * hour * HOUR
        group = await session(desk, at, therapist=str(therapist.id), seats=3, minutes=60)
        path = f"{GROUPS}/{group}/cancellation"
        await asyncio.gather(
            *[seated(desk, group, guest) for guest in guests], desk.post(path, json={"reason": "Flood."})
        )
        assert (await desk.post(path, json={"reason": "Flood."})).status_code == 200
        items = (await desk.get(f"{GROUPS}/{group}/guests")).json()["items"]
        assert {one["status"] for one in items} <= {"cancelled"}


async def test_a_seat_is_marked_like_any_appointment_and_never_moved(clinic: Any, tomorrow: datetime) -> None:
    therapist, desk, guest, seat = (
        await clinic.therapist(),
        clinic.person("reception"),
        clinic.person("patient"),
        uuid4(),
    )
    group = await session(desk, tomorrow, therapist=str(therapist.id))
    await seated(desk, group, guest, seat)
    for who in (guest, desk):
        assert problem(await who.move(seat, tomorrow + 3 * HOUR)) == (409, "seat-not-moved")
    clinic.clock.now = tomorrow
    missed = await therapist.post(f"/v1/appointments/{seat}/absence", json={"absent": "patient"})
    assert missed.status_code == 200
    for answer in (
        await seated(desk, group, clinic.person("patient")),
        await desk.post(f"{GROUPS}/{group}/cancellation", json={}),
    ):
        assert problem(answer) == (409, "appointment-already-started")


async def test_who_offers_and_who_seats_whom(clinic: Any, tomorrow: datetime) -> None:
    therapist, other, desk = await clinic.therapist(), await clinic.therapist(), clinic.person("reception")
    guest, group, seat = clinic.person("patient"), uuid4(), uuid4()
    assert problem(await offered(therapist, tomorrow, therapist=str(other.id))) == (403, "forbidden")
    assert problem(await offered(desk, tomorrow)) == (404, "not-found")
    assert problem(await offered(therapist, tomorrow, room=str(uuid4()))) == (422, "unknown-room")
    assert problem(await offered(therapist, clinic.clock.now)) == (409, "in-the-past")
    assert (await offered(therapist, tomorrow, group)).json()["version"] == 1
    assert (await offered(therapist, tomorrow, group)).json()["version"] == 1
    assert problem(await offered(therapist, tomorrow + HOUR, group)) == (409, "id-taken")
    assert problem(await seated(other, group, guest)) == (404, "not-found")
    assert problem(await seated(therapist, group, guest)) == (404, "not-found"), "not treated by them"
    assert problem(await seated(desk, uuid4(), guest)) == (404, "not-found")
    stranger = clinic.person("patient", tenant=uuid4())
    assert problem(await seated(desk, group, stranger)) == (404, "not-found")
    own = clinic.person("patient", known=therapist.id)
    assert problem(await seated(desk, group, own)) == (409, "slot-not-offered")
    first = await seated(desk, group, guest, seat, idempotency_key="k")
    assert (await seated(desk, group, guest, seat, idempotency_key="k")).json() == first.json()
    assert problem(await seated(desk, group, guest, seat)) == (409, "appointment-already-booked")
    assert problem(await seated(desk, group, clinic.person("patient"), seat)) == (404, "not-found")
    hours = derived("availability", clinic.tenant, therapist.id)
    assert problem(await seated(desk, group, guest, hours)) == (409, "id-taken")
    assert problem(await desk.post(f"{GROUPS}/{hours}/cancellation", json={})) == (409, "id-taken")
    for nobody in (other, clinic.person("reception", tenant=uuid4())):
        assert problem(await nobody.post(f"{GROUPS}/{group}/cancellation", json={})) == (404, "not-found")
        assert problem(await nobody.get(f"{GROUPS}/{group}/guests")) == (404, "not-found")
    clinic.clock.pass_(seconds=6)
    clinic.identity.reachable = False
    assert problem(await seated(therapist, group, guest)) == (503, "unavailable")


async def test_a_therapist_who_leaves_holds_no_session(clinic: Any, tomorrow: datetime) -> None:
    therapist, desk, guest, seat = (
        await clinic.therapist(),
        clinic.person("reception"),
        clinic.person("patient"),
        uuid4(),
    )
    group = await session(desk, tomorrow, therapist=str(therapist.id))
    await seated(desk, group, guest, seat)
    clinic.identity.gone.add(therapist.id)
    told = news(clinic, therapist.id)
    assert await heard(clinic, told, told) == {}
    assert (await guest.seen(seat))["status"] == "cancelled"
    assert problem(await seated(desk, group, guest)) == (409, "group-called-off")


async def test_an_erased_guest_leaves_their_seat(clinic: Any, tomorrow: datetime) -> None:
    therapist, desk, one, other = await clinic.therapist(), clinic.person("reception"), *guests_of(clinic, 2)
    group = await session(desk, tomorrow, therapist=str(therapist.id), seats=1)
    await seated(desk, group, one)
    async with clinic.database.app(clinic.tenant) as tx:
        await tx.execute(clinic.module.personal.erases["calendar"], {"person": one.id})
    assert (await desk.get(f"{GROUPS}/{group}")).json()["taken"] == 0
    assert (await seated(desk, group, other)).status_code == 201


@pytest.mark.parametrize("wrong", [{"seats": 0}, {"title": " "}, {"minutes": 0}, {"starts_at": "soon"}])
async def test_a_session_has_a_shape(clinic: Any, tomorrow: datetime, wrong: Any) -> None:
    assert problem(await offered(await clinic.therapist(), tomorrow, **wrong))[0] == 400
