"""Many write one inbox at once, in several processes: nothing is lost, nothing counts twice, every place is told."""

import asyncio
from typing import Any
from uuid import uuid4

from tests.notifications.reader import Reader, put

from mindlyfe.notifications.adapters.notices import Notices
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.notice import notice_of

MANY = 40


async def test_whoever_follows_the_places_misses_nothing(office: Any) -> None:
    reader, notices = Reader(office), Notices(office.database)
    deliveries = [DeliveryId(uuid4()) for _ in range(MANY)]
    key, told, place = (office.tenant, reader.id), list[str](), 0

    async with office.another() as elsewhere:
        writing = asyncio.gather(
            *(put(module, reader, one) for one in deliveries for module in (office.module, elsewhere))
        )
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


async def test_a_sender_that_died_between_the_notice_and_its_record_leaves_one_notice(office: Any) -> None:
    reader = Reader(office)
    delivery = await office.request(reader.id, "in-app", kind="export-ready")
    notice = await put(office.module, reader, delivery)  # as the one that died had done
    await reader.marks(notice, "read")
    async with office.sending(), office.another() as elsewhere, office.sending(elsewhere):
        await office.settled()
    [shown] = (await reader.inbox())["items"]
    assert (shown["id"], shown["mark"], shown["version"]) == (notice, "read", 2)
    [sent] = (await reader.get("/v1/deliveries")).json()["items"]
    assert (sent["id"], sent["status"], sent["attempts"]) == (str(delivery), "sent", 1)
