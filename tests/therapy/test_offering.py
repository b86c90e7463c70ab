"""The worker of the waiting list: what it finds, what it ends, and what happens when it dies."""

from datetime import timedelta
from typing import Any

import pytest
from tests.therapy.waiting_room import WaitingRoom, working

from mindlyfe.identity.contract.members import MemberLeftV1


@pytest.fixture
def room(clinic: Any) -> WaitingRoom:
    return WaitingRoom(clinic)


async def test_new_hours_are_found_by_themselves(room: WaitingRoom) -> None:
    _, leila = await room.joins()
    await room.turns()
    await room.opens()
    room.clinic.clock.pass_(minutes=5)
    await room.turns()
    assert await room.offered(leila)


async def test_a_team_and_other_therapists_are_told_apart(room: WaitingRoom) -> None:
    ruiz, mensah = await room.opens(), await room.opens()
    admin = room.clinic.person("clinic-admin")
    team = {"name": "Children", "members": [{"therapist": str(mensah.id)}]}
    id_ = (await admin.post("/v1/teams", json=team)).json()["team"]
    _, leila = await room.joins(team=id_)
    _, marek = await room.joins(therapist=str(mensah.id))
    await room.turns()
    offer = await room.offered(leila)
    assert offer["therapist"] == str(mensah.id)
    assert await room.offered(marek) is None, "there is one slot only"
    assert [one["id"] for one in (await mensah.get("/v1/offers")).json()["items"]] == [offer["id"]]
    assert (await ruiz.get("/v1/offers")).json()["items"] == []


async def test_who_leaves_or_pauses_gives_the_slot_to_the_next(room: WaitingRoom) -> None:
    await room.opens()
    (first, leila), (second, marek), (_, amina) = [await room.joins() for _ in range(3)]
    await room.turns()
    offer = await room.offered(leila)
    assert offer
    assert (await leila.post(f"/v1/waits/{first}/departure", json=None)).status_code == 200
    await room.turns()
    assert (await leila.get(f"/v1/offers/{offer['id']}")).json()["outcome"] == "withdrawn"
    assert await room.offered(marek)
    await marek.post(f"/v1/waits/{second}/pause", json=None)
    await room.turns()
    assert await room.offered(amina)


async def test_offers_end_when_the_therapist_has_no_hours_any_more(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    _, leila = await room.joins()
    await room.turns()
    offer = await room.offered(leila)
    path = f"/v1/schedules/{ruiz.id}"
    assert (await room.clinic.http.delete(path, headers=ruiz.headers)).status_code == 204
    await room.turns()
    assert (await leila.get(f"/v1/offers/{offer['id']}")).json()["outcome"] == "withdrawn"


async def test_who_answers_none_of_three_gets_no_more_until_they_come_back(room: WaitingRoom) -> None:
    weekly = [{"weekday": 2, "from": "09:00", "to": "17:00"}]
    await room.opens(weekly=weekly)
    wait, leila = await room.joins()
    for _ in range(3):
        await room.turns()
        assert await room.offered(leila)
        room.clinic.clock.pass_(hours=25)
    await room.turns()
    assert await room.offered(leila) is None
    assert (await leila.post(f"/v1/waits/{wait}/resumption", json=None)).status_code == 200
    await room.turns()
    assert await room.offered(leila)


async def test_a_worker_that_dies_in_the_middle_is_followed_by_another(room: WaitingRoom) -> None:
    await room.opens()
    _, leila = await room.joins()
    died, now = working(room.clinic), room.clinic.clock.now
    assert await died.rounds.claim(now, now + timedelta(minutes=1)) == [room.clinic.tenant]
    await room.turns()
    assert await room.offered(leila) is None, "somebody else goes through the list, as far as anybody knows"
    room.clinic.clock.pass_(minutes=1)
    await room.turns()
    assert await room.offered(leila)


async def test_what_happens_while_a_list_is_gone_through_is_seen_next(room: WaitingRoom) -> None:
    _, leila = await room.joins()
    worker, now = working(room.clinic), room.clinic.clock.now
    until = now + timedelta(minutes=1)
    await worker.rounds.claim(now, until)
    await room.opens()
    await worker.rounds.look(room.clinic.tenant, now)
    await worker.rounds.done(room.clinic.tenant, until, now + timedelta(minutes=5))
    await room.turns()
    assert await room.offered(leila)


async def test_who_leaves_the_clinic_waits_there_no_longer_unless_they_are_back(room: WaitingRoom) -> None:
    await room.opens()
    (wait, leila), (_, marek) = await room.joins(), await room.joins()
    await room.turns()
    offer = await room.offered(leila)
    left = MemberLeftV1(person=leila.id, at=room.clinic.clock.now)
    for gone, status in ((False, "waiting"), (True, "left")):
        room.clinic.identity.gone = {leila.id} if gone else set()
        for _ in range(2):
            await room.clinic.module.hears[MemberLeftV1](room.clinic.heard(left))
        assert (await leila.get(f"/v1/waits/{wait}")).json()["status"] == status
    await room.turns()
    assert (await room.offered(marek))["starts_at"] == offer["starts_at"]
