"""An escalation as the clinic lives it: called, missed, called again, answered, closed; whoever dies meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.notifications.scheduling import CLAIMED, carried_out, scheduling

from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.contract.escalations import Escalations

INES, KWAME, HANA, PAT = (PersonId(UUID(int=n)) for n in (12, 13, 14, 15))
PATH = "/v1/escalations"


async def on_duty(office: Any, *people: PersonId) -> None:
    """They, in this order, all week."""
    weekly = [
        {"person": str(person), "weekday": day, "from": "00:00", "to": "24:00", "rank": rank}
        for rank, person in enumerate(people, 1)
        for day in range(1, 8)
    ]
    answer = await office.put("/v1/duty-rota", "clinic-admin", json={"zone": "Europe/London", "weekly": weekly})
    assert answer.status_code == 200, answer.text


async def opened(office: Any, **more: Any) -> str:
    answer = await office.ask(PATH, "therapist", body={"subject": str(PAT), **more}, person=HANA)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["escalation"])


async def carry(office: Any) -> None:
    """All that is due now is done, by both workers."""
    ladders = office.start(worker="ladders")
    try:
        async with asyncio.timeout(10):
            while await _due(office):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await office.kill(ladders)
    async with scheduling(office):
        await carried_out(office)


async def _due(office: Any) -> bool:
    async with office.database.worker() as tx:
        due = f"select exists (select from escalation where due_at <= %s) or {CLAIMED}"
        return bool(await (await tx.execute(due, (office.watch(),))).fetchone() == (True,))


async def later(office: Any, minutes: float) -> None:
    office.watch.ahead += timedelta(minutes=minutes)
    await carry(office)


async def told(office: Any) -> list[str]:
    """Who was told, the first first: by every channel there is."""
    told = [one for one in await office.deliveries() if one["kind"] == "safety-task"]
    assert all(one["priority"] == "critical" for one in told)
    found = [one for one in told if one["channel"] == "email"]
    assert {one["recipient"] for one in told if one["channel"] == "push"} == {one["recipient"] for one in found}
    return [one["recipient"] for one in sorted(found, key=lambda one: one["requested_at"])]


async def stands(office: Any, escalation: str) -> dict[str, Any]:
    answer = await office.get(f"{PATH}/{escalation}", "clinic-admin")
    return dict(answer.json())


async def answer(office: Any, escalation: str, who: PersonId, what: str = "acknowledgement", body: Any = None) -> Any:
    return await office.ask(f"{PATH}/{escalation}/{what}", "therapist", body=body, person=who)


async def test_the_second_answers_and_says_what_came_of_it(office: Any) -> None:
    await on_duty(office, INES, KWAME)
    escalation = await opened(office)
    await carry(office)
    assert await told(office) == [str(INES)]
    await later(office, 14)
    assert await told(office) == [str(INES)]
    await later(office, 1.1)
    assert await told(office) == [str(INES), str(KWAME)]
    assert (await answer(office, escalation, KWAME)).json()["status"] == "acknowledged"
    await later(office, 50)
    assert len(await told(office)) == 2
    closed = await answer(office, escalation, KWAME, "outcome", {"outcome": "reached"})
    assert closed.json()["status"] == "closed"
    await later(office, 600)
    assert len(await told(office)) == 2


async def test_nobodys_answer_is_loud_and_all_are_called_again(office: Any) -> None:
    await on_duty(office, INES, KWAME)
    escalation = await opened(office, minutes=5, again_minutes=10)
    for minutes in (0, 5.1, 5.1):
        await later(office, minutes)
    found = await stands(office, escalation)
    assert (found["status"], found["subject"]) == ("exhausted", None)
    listed = (await office.get(f"{PATH}?status=exhausted", "privacy-officer")).json()["items"]
    assert [one["id"] for one in listed] == [escalation]
    siren = office.start(worker="siren")
    async with asyncio.timeout(5):
        while office.module.gauges["mindlyfe_escalations_unanswered"]() != 1:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await office.kill(siren)
    await later(office, 10.1)
    assert await told(office) == [str(INES), str(KWAME), str(INES)]
    assert (await stands(office, escalation))["round"] == 2


async def test_where_nobody_is_on_duty_it_is_loud_at_once(office: Any) -> None:
    escalation = await opened(office)
    await carry(office)
    assert (await stands(office, escalation))["status"] == "exhausted"


async def test_answered_is_not_done(office: Any) -> None:
    await on_duty(office, INES, KWAME)
    escalation = await opened(office, minutes=5, outcome_minutes=20)
    await carry(office)
    await answer(office, escalation, INES)
    await later(office, 20.1)
    assert await told(office) == [str(INES), str(KWAME)]
    assert (await stands(office, escalation))["acknowledged_by"] is None


async def test_time_off_leads_the_call_to_who_stands_in(office: Any) -> None:
    now = datetime.now(UTC)
    rota = {
        "zone": "UTC",
        "covers": [{"person": str(KWAME), "since": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}],
        "away": [
            {
                "person": str(KWAME),
                "since": now.isoformat(),
                "until": (now + timedelta(days=1)).isoformat(),
                "stands_in": str(INES),
            }
        ],
    }
    assert (await office.put("/v1/duty-rota", "privacy-officer", json=rota)).status_code == 200
    assert (await office.get("/v1/duty-rota/now", "therapist")).json() == {"ladder": [str(INES)]}
    await opened(office)
    await carry(office)
    assert await told(office) == [str(INES)]


async def test_what_fell_due_while_nobody_worked_is_done_at_once_and_once(office: Any) -> None:
    await on_duty(office, INES, KWAME)
    await opened(office, minutes=5)
    office.watch.ahead = timedelta(hours=3)
    for _ in range(6):
        dying = office.start(worker="ladders")
        await asyncio.sleep(0.02)
        await office.kill(dying)
        async with office.database.worker() as tx:
            await tx.execute("update claim set until = until - interval '1 hour'")
    await carry(office)
    assert await told(office) == [str(INES)]


async def test_a_crash_between_telling_and_recording_tells_once(office: Any) -> None:
    await on_duty(office, INES)
    await opened(office)
    streams = next(one for one in office.module.streams if one.name == "escalation")
    decide, down = streams.decide, True

    async def dying(*words: Any, **more: Any) -> Any:
        if down:
            raise ConnectionError
        return await decide(*words, **more)

    streams.decide = dying
    ladders = office.start(worker="ladders")
    async with scheduling(office):
        async with asyncio.timeout(5):
            while await told(office) != [str(INES)]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    await office.kill(ladders)
    down = False
    async with office.database.worker() as tx:
        await tx.execute("update claim set until = until - interval '1 hour'")
    await carry(office)
    assert await told(office) == [str(INES)]
    assert len(await office.recorded("escalation.called")) == 1


async def test_another_context_opens_one_per_cause(office: Any) -> None:
    await on_duty(office, INES)
    ask = office.module.answers[Escalations]
    wish = {"tenant": office.tenant, "cause": uuid4(), "subject": PAT, "by": HANA}
    times = {"minutes": 15, "outcome_minutes": 60, "again_minutes": 30}
    assert await ask.open(**wish, **times) == await ask.open(**wish, **times)
    await carry(office)
    assert await told(office) == [str(INES)]


async def test_the_message_names_nobody(office: Any) -> None:
    await on_duty(office, INES)
    escalation = await opened(office)
    await carry(office)
    async with office.sending():
        await office.pass_(seconds=60)
        await office.settled()
    [mail] = office.post.mails
    text = mail.get_body(("plain",)).get_content()
    assert f"/escalations/{escalation}" in text
    assert "open safety task" in text
    assert str(PAT) not in mail.as_string()


@pytest.mark.parametrize("wish", [{"channels": {"email": False}}, {"quiet": [{"from": "00:00", "to": "24:00"}]}])
async def test_no_preference_holds_it_back(office: Any, wish: dict[str, Any]) -> None:
    await on_duty(office, INES)
    await office.put("/v1/preferences", "therapist", json=wish, person=INES)
    await opened(office)
    await carry(office)
    async with office.sending():
        await office.pass_(seconds=60)
        await office.settled()
    assert len(office.post.mails) == 1


async def test_a_channel_to_avoid_is_avoided_all_the_same(office: Any) -> None:
    await on_duty(office, INES)
    office.neighbours.wishes[INES] = {"avoid": frozenset({"email"})}
    await opened(office)
    await carry(office)
    async with office.sending():
        await office.pass_(seconds=60)
        await office.settled()
    assert office.post.mails == []


async def test_nobody_is_called_about_an_erased_person(office: Any) -> None:
    await on_duty(office, INES)
    await opened(office)
    await office.keys.erase(office.tenant, PAT)
    await carry(office)
    assert await told(office) == []
    async with office.database.worker() as tx:
        assert await (await tx.execute("select count(*) from escalation")).fetchone() == (0,)
