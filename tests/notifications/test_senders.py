"""Senders that die, and several side by side: nothing is lost, and nothing is sent twice under two names."""

import asyncio
from typing import Any
from uuid import uuid4

from mindlyfe.identity.contract import RegistrationStartedV1
from mindlyfe.kernel.messages import PersonId


async def registered(office: Any) -> PersonId:
    person = PersonId(uuid4())
    await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
    return person


async def test_a_sender_that_dies_after_the_hand_over_is_followed_by_one_more_mail_of_the_same_id(office: Any) -> None:
    office.post.silent = True
    person = await registered(office)
    dying = office.start()
    await office.until_mails(1)
    await office.kill(dying)
    office.post.silent = False

    async with office.sending():
        await asyncio.sleep(0.3)
        assert len(office.post.mails) == 1, "the claim of the dead one still holds"
        assert (await office.of(person))["status"] == "waiting"
        await office.pass_(seconds=11)
        delivery = await office.until(person, "sent", 1)
        await office.pass_(seconds=3600)
        await office.settled()
    assert office.post.ids() == [f"<{delivery['id']}@harbour.example>"] * 2


async def test_a_claim_is_kept_up_while_the_server_takes_its_time(office: Any) -> None:
    office.post.silent = True
    await registered(office)
    async with office.sending():
        await office.until_mails(1)
        async with office.sending():
            for _ in range(2):
                await office.pass_(seconds=8)
                await asyncio.sleep(1.2)
    assert len(office.post.mails) == 1


async def test_senders_side_by_side_send_each_once(office: Any) -> None:
    people = [await registered(office) for _ in range(40)]
    async with office.another() as other, office.sending(), office.sending(other):
        for person in people:
            await office.until(person, "sent", 1)
    assert len(office.post.ids()) == len(set(office.post.ids())) == 40


async def test_a_sender_that_is_told_to_stop_finishes_what_it_began(office: Any) -> None:
    office.post.delay_s = 0.3
    person = await registered(office)
    sender = office.start()
    await office.until_mails(1)
    sender.cancel()
    await asyncio.wait([sender])
    assert (await office.of(person))["status"] == "sent"
    async with office.database.worker() as tx:
        assert await (await tx.execute("select count(*) from lease")).fetchone() == (0,)


async def test_a_database_that_went_away_for_a_moment_stops_no_sender(office: Any) -> None:
    async with office.sending():
        await office.cut_connections()
        person = await registered(office)
        await office.until(person, "sent", 1)
    assert len(office.post.mails) == 1
