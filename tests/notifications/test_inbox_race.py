"""Many write one inbox at once, in several processes: nothing is lost, nothing counts twice, every place is told."""

import asyncio
from functools import partial
from typing import Any
from uuid import uuid4

from tests.notifications.reader import Reader

from mindlyfe.kernel.messages import SYSTEM, Act
from mindlyfe.kernel.telemetry import started
from mindlyfe.notifications.adapters.notices import Notices
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.notice import Arrived, arrive, notice_of

MANY = 40


async def test_whoever_follows_the_places_misses_nothing(office: Any) -> None:
    reader, notices = Reader(office), Notices(office.database)
    deliveries = [DeliveryId(uuid4()) for _ in range(MANY)]
    key, told, place = (office.tenant, reader.id), list[str](), 0

    async def put(module: Any, delivery: DeliveryId) -> None:
        wish = Arrived(delivery=delivery, kind="export-ready", recipient=reader.id, about=uuid4(), at=office.watch())
        act = Act(tenant=office.tenant, actor=SYSTEM, correlation=started())
        await module.streams[-1].decide(act, notice_of(delivery), partial(arrive, wish=wish))

    async with office.another() as elsewhere:
        writing = asyncio.gather(*(put(module, one) for one in deliveries for module in (office.module, elsewhere)))
        while not writing.done() or place < MANY:
            changes = (await notices.stands([key], office.watch()))[key].changes
            told += [str(one) for one in await notices.since(*key, place, changes)]
            place = changes
            await asyncio.sleep(0)
        await writing
    assert sorted(told) == sorted(str(notice_of(one)) for one in deliveries)
    assert (await notices.stands([key], office.watch()))[key] == (MANY, MANY)


async def test_marks_of_two_windows_leave_one_state_and_one_count(office: Any) -> None:
    reader = Reader(office)
    all_of_them = [await reader.told() for _ in range(4)]
    up_to = {"up_to": office.watch().isoformat()}
    answers = await asyncio.gather(
        *(reader.post("/v1/inbox/read", up_to) for _ in range(3)),
        *(reader.post(f"/v1/inbox/{notice}/archive") for notice in all_of_them),
    )
    assert {answer.status_code for answer in answers} == {200}
    page = await reader.inbox("archived")
    assert page["unread"] == 0
    assert sorted(one["id"] for one in page["items"]) == sorted(all_of_them)
