"""The last second of an offer, when everybody reaches for the slot, on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from tests.therapy.waiting_room import WaitingRoom, beside, working

from mindlyfe.kernel.testing.stand_ins import StandingClock


async def _late(worker: Any, pause: float) -> None:
    await asyncio.sleep(pause)
    for _ in range(2):
        await worker.turn()


async def test_in_the_last_second_of_an_offer_one_of_all_gets_the_slot(clinic: Any, new_clinic: Any) -> None:
    """Accepted, expired and offered to the next, or booked by somebody else: one of these, and nothing twice."""
    async with new_clinic() as there:
        both = (clinic.module, beside(clinic, there.database))
        for number in range(16):
            clinic.tenant = uuid4()
            room = WaitingRoom(clinic)
            ruiz = await room.opens()
            (_, leila), (_, marek) = await room.joins(), await room.joins()
            await room.turns()
            offer = await room.offered(leila)
            until = datetime.fromisoformat(offer["expires_at"])
            late = [replace(working(clinic, module, always=True), clock=StandingClock(until)) for module in both]

            accepted, booked, *_ = await asyncio.gather(
                room.answer(leila, offer["id"], "acceptance"),
                clinic.person("patient").book(ruiz, room.nine),
                *(_late(worker, number % 4 * 0.002) for worker in late),
            )
            async with clinic.database.app(clinic.tenant) as tx:
                asked = "select status from calendar where takes_time"
                (status,) = [row[0] for row in await (await tx.execute(asked)).fetchall()]
            passed_on = await room.offered(marek)
            won = [accepted.status_code == 200, booked.status_code == 201, passed_on is not None]
            assert won.count(True) == 1, won
            assert (status == "held") == (passed_on is not None)
