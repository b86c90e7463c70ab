"""Holds over HTTP: a slot is kept while a form is filled in, and what each refusal says."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.waiting_room import WaitingRoom

from mindlyfe.kernel.testing.answers import refused

HOUR = timedelta(hours=1)
WEEK = [{"weekday": day, "from": "09:00", "to": "17:00"} for day in range(1, 6)]


class Form:
    """Somebody who fills in a form, a therapist, and others who would like the time, too."""

    def __init__(self, room: WaitingRoom, ruiz: Any) -> None:
        self.room, self.clinic, self.ruiz, self.id = room, room.clinic, ruiz, str(uuid4())
        self.leila, self.marek = room.clinic.person("patient"), room.clinic.person("patient")
        self.nine = room.nine

    async def hold(self, who: Any, starts_at: Any = None, id_: str | None = None, **more: str) -> Any:
        wish = {"therapist": str(self.ruiz.id), "starts_at": (starts_at or self.nine).isoformat()} | more
        return await who.put(f"/v1/holds/{id_ or self.id}", json=wish)

    async def release(self, who: Any, id_: str | None = None) -> Any:
        return await who.delete(f"/v1/holds/{id_ or self.id}")


@pytest.fixture
async def form(clinic: Any) -> Form:
    room = WaitingRoom(clinic)
    return Form(room, await room.opens(weekly=WEEK))


async def test_a_held_slot_is_the_holders_alone_until_it_is_booked(form: Form) -> None:
    held = (await form.hold(form.leila)).json()
    assert held == {"hold": form.id, "until": "2026-06-01T06:10:00Z", "version": 1}
    refused(await form.hold(form.marek, id_=str(uuid4())), 409, "slot-taken")
    refused(await form.marek.book(form.ruiz, form.nine), 409, "slot-taken")
    refused(await form.marek.book(form.ruiz, form.nine, form.id), 404, "not-found")
    form.clinic.clock.pass_(minutes=5)
    assert (await form.hold(form.leila)).json() == held, "asked again, it is kept no longer"
    assert (await form.leila.get("/v1/appointments")).json()["items"] == [], "it is no appointment yet"
    refused(await form.leila.get(f"/v1/appointments/{form.id}"), 404, "not-found")
    refused(await form.leila.cancel(form.id), 404, "not-found")
    assert (await form.leila.book(form.ruiz, form.nine, form.id)).status_code == 201
    assert (await form.leila.seen(form.id))["status"] == "booked"
    refused(await form.marek.book(form.ruiz, form.nine), 409, "slot-taken")
    refused(await form.release(form.leila), 409, "appointment-already-booked")
    refused(await form.hold(form.leila), 409, "appointment-already-booked")


async def test_a_hold_is_over_after_ten_minutes_and_the_slot_is_free(form: Form) -> None:
    await form.hold(form.leila)
    form.clinic.clock.pass_(minutes=9, seconds=59)
    await form.room.turns()
    refused(await form.marek.book(form.ruiz, form.nine), 409, "slot-taken")
    form.clinic.clock.pass_(seconds=1)
    await form.room.turns()
    assert (await form.marek.book(form.ruiz, form.nine)).status_code == 201
    refused(await form.leila.book(form.ruiz, form.nine, form.id), 409, "hold-over")
    refused(await form.hold(form.leila), 409, "hold-over")


async def test_whoever_is_some_seconds_late_still_books_what_nobody_else_has(form: Form) -> None:
    await form.hold(form.leila)
    form.clinic.clock.pass_(minutes=11)
    assert (await form.leila.book(form.ruiz, form.nine, form.id)).status_code == 201
    await form.room.turns()
    assert (await form.leila.seen(form.id))["status"] == "booked"


async def test_two_are_kept_for_a_person_and_a_released_one_makes_room(form: Form) -> None:
    first, second, third = (str(uuid4()) for _ in range(3))
    assert (await form.hold(form.leila, form.nine, first)).status_code == 201
    assert (await form.hold(form.leila, form.nine + HOUR, second)).status_code == 201
    refused(await form.hold(form.leila, form.nine + 2 * HOUR, third), 409, "too-many-holds")
    assert (await form.hold(form.marek, form.nine + 2 * HOUR, third)).status_code == 201, "each has two"
    refused(await form.release(form.marek, first), 404, "not-found")
    for _ in range(2):
        assert (await form.release(form.leila, first)).status_code == 204
    assert (await form.hold(form.leila, form.nine + 3 * HOUR, str(uuid4()))).status_code == 201
    assert (await form.marek.book(form.ruiz, form.nine)).status_code == 201, "what was released is free"


async def test_the_desk_holds_for_a_patient(form: Form) -> None:
    desk = form.clinic.person("reception")
    refused(await form.hold(desk), 422, "no-patient")
    answer = await form.hold(desk, patient=str(form.leila.id))
    assert answer.status_code == 201
    assert (await desk.book(form.ruiz, form.nine, form.id, patient=form.leila)).status_code == 201
    refused(await form.hold(desk, id_=str(uuid4()), patient=str(uuid4())), 404, "not-found")
    refused(await form.hold(form.marek, id_=str(uuid4()), patient=str(form.leila.id)), 404, "not-found")


async def test_what_cannot_be_booked_is_not_held(form: Form) -> None:
    refused(await form.hold(form.leila, form.nine + timedelta(minutes=7)), 409, "slot-not-offered")
    refused(await form.hold(form.leila, form.clinic.clock.now - HOUR), 409, "in-the-past")
    refused(await form.hold(form.leila, form.nine + timedelta(days=14)), 409, "beyond-horizon")
    await form.leila.book(form.ruiz, form.nine)
    other = await form.room.opens(weekly=WEEK, notice_minutes=1440, per_day=1)
    first = form.ruiz
    form.ruiz = other
    refused(await form.hold(form.leila), 409, "patient-busy")
    refused(await form.hold(form.leila, form.clinic.clock.now + 3 * HOUR), 409, "too-soon")
    await form.hold(form.marek, form.nine + 2 * HOUR, str(uuid4()))
    refused(await form.hold(form.leila, form.nine + HOUR), 409, "therapist-full")
    form.ruiz = first
    off = {"zone": "UTC", "first": f"{form.nine:%Y-%m-%d}", "last": f"{form.nine:%Y-%m-%d}"}
    await first.post("/v1/time-off", json=off)
    refused(await form.hold(form.marek, form.nine + HOUR), 409, "therapist-away")
    form.ruiz = form.clinic.person("therapist")
    refused(await form.hold(form.leila), 404, "not-found")


async def test_an_id_of_something_else_is_taken_and_another_slot_is_another_hold(form: Form) -> None:
    episode, desk = str(uuid4()), form.clinic.person("reception")
    await desk.put(f"/v1/episodes/{episode}", json={"patient": str(form.leila.id)})
    refused(await form.hold(form.leila, id_=episode), 409, "id-taken")
    await form.hold(form.leila)
    refused(await form.hold(form.leila, form.nine + HOUR), 409, "hold-over")
    refused(await form.leila.book(form.ruiz, form.nine + HOUR, form.id), 409, "hold-over")
    refused(await form.release(form.leila, str(uuid4())), 404, "not-found")


async def test_where_the_therapist_confirms_a_held_slot_is_asked_for(form: Form) -> None:
    form.ruiz = await form.room.opens(weekly=WEEK, confirms=True)
    await form.hold(form.leila)
    await form.leila.book(form.ruiz, form.nine, form.id)
    assert (await form.leila.seen(form.id))["status"] == "requested"


async def test_what_is_kept_goes_with_the_person(form: Form) -> None:
    await form.hold(form.leila)
    personal = form.clinic.module.personal
    async with form.clinic.database.app(form.clinic.tenant) as tx:
        for table in ("calendar", "hold"):
            await tx.execute(personal.erases[table], {"person": form.leila.id})
        assert await (await tx.execute("select hold from hold")).fetchall() == []
    assert (await form.marek.book(form.ruiz, form.nine)).status_code == 201
