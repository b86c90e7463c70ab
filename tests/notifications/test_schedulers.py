"""Schedulers that die, and several side by side: no reminder is lost, and none goes out under two ids."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.notifications.scheduling import carried_out, scheduling

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentId

DAY = timedelta(days=1)


async def booked(office: Any, count: int) -> set[str]:
    """Appointments in three days; their patients."""
    starts_at = office.watch() + 3 * DAY
    events = [
        AppointmentBookedV1(
            appointment=AppointmentId(uuid4()),
            patient=PersonId(uuid4()),
            therapist=PersonId(UUID(int=3)),
            starts_at=starts_at,
            minutes=50,
        )
        for _ in range(count)
    ]
    for event in events:
        await office.tell(event, stream=event.appointment)
    async with scheduling(office):
        await carried_out(office)
    office.watch.ahead = DAY + timedelta(minutes=1)
    return {str(event.patient) for event in events}


async def reminded(office: Any) -> list[str]:
    return sorted(one["recipient"] for one in await office.deliveries() if one["kind"] == "appointment-reminder")


async def asked(office: Any) -> list[Any]:
    """The records of reminders that were asked for."""
    return [r for r in await office.recorded("run.asked") if r.event.step == "send-48-h"]


@pytest.mark.parametrize("seed", range(4))
async def test_whenever_it_is_killed_none_is_lost_and_none_is_asked_for_twice(office: Any, seed: int) -> None:
    patients, chance = await booked(office, 30), random.Random(seed)
    for _ in range(12):
        dying = office.start(worker="scheduler")
        await asyncio.sleep(chance.random() * 0.05)
        await office.kill(dying)
        async with office.database.worker() as tx:
            await tx.execute("update claim set until = until - interval '1 hour'")
    async with scheduling(office):
        await carried_out(office)
    assert await reminded(office) == sorted(patients)


async def test_a_crash_between_asking_and_recording_asks_for_the_same(office: Any) -> None:
    """The delivery is there, the run does not know it yet."""
    [patient] = await booked(office, 1)
    streams = next(one for one in office.module.streams if one.name == "run")
    decide, down = streams.decide, True

    async def dying(*words: Any, **more: Any) -> Any:
        if down:
            raise ConnectionError
        return await decide(*words, **more)

    streams.decide = dying
    async with scheduling(office):
        async with asyncio.timeout(5):
            while await reminded(office) != [patient]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        down = False
        async with office.database.worker() as tx:
            await tx.execute("update claim set until = until - interval '1 hour'")
        await carried_out(office)
    assert await reminded(office) == [patient]
    assert len(await asked(office)) == 1


async def test_schedulers_side_by_side_carry_out_each_once(office: Any) -> None:
    patients = await booked(office, 40)
    async with office.another() as other, scheduling(office), scheduling(office, other):
        await carried_out(office)
    assert await reminded(office) == sorted(patients)
    assert len(await asked(office)) == 40


async def test_a_claim_of_a_dead_one_holds_until_it_runs_out(office: Any) -> None:
    patients = await booked(office, 1)
    async with office.database.worker() as tx:
        await tx.execute(
            "insert into claim (tenant, stream, until) "
            "select tenant, id, clock_timestamp() + interval '1 hour' from run"
        )
    async with scheduling(office):
        await asyncio.sleep(0.3)
        assert await reminded(office) == []
        async with office.database.worker() as tx:
            await tx.execute("update claim set until = until - interval '2 hours'")
        await carried_out(office)
    assert await reminded(office) == sorted(patients)


async def test_a_database_that_went_away_for_a_moment_stops_no_scheduler(office: Any) -> None:
    async with scheduling(office):
        await office.cut_connections()
        patients = await booked(office, 2)
        await carried_out(office)
    assert await reminded(office) == sorted(patients)
