"""Revocations from the table to whoever asks: nothing is lost to a transaction that commits late, or to a restart."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.adapters import revocations
from mindlyfe.identity.adapters.revocations import NOTE, RevocationNews
from mindlyfe.kernel.errors import Malformed
from mindlyfe.kernel.messages import REGION, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.revocations import RolesNow, SessionOver
from mindlyfe.kernel.testing.stand_ins import StandingClock

CLOCK = StandingClock()
LATER = CLOCK.now + timedelta(minutes=10)


@pytest.fixture
def news(database: Database) -> RevocationNews:
    return RevocationNews(database, CLOCK)


async def note(database: Database, *sessions: UUID, until: Any = LATER) -> None:
    async with database.app(REGION) as tx:
        for session in sessions:
            await tx.execute(NOTE, (session, 2, None, until))


async def test_what_is_new_is_told_once_and_where_to_go_on(database: Database, news: RevocationNews) -> None:
    one, two = uuid4(), uuid4()
    await note(database, one)
    first = await news.since(cursor="", wait_s=0)
    assert first.entries == [SessionOver(one, LATER)]
    assert (await news.since(cursor=first.cursor, wait_s=0)).entries == []
    await note(database, two)
    assert (await news.since(cursor=first.cursor, wait_s=0)).entries == [SessionOver(two, LATER)]
    assert len((await news.since(cursor="", wait_s=0)).entries) == 2


async def test_roles_come_with_their_clinic(database: Database, news: RevocationNews) -> None:
    clinic, person = TenantId(uuid4()), uuid4()
    async with database.app(clinic) as tx:
        await tx.execute(NOTE, (person, 4, ["patient", "therapist"], LATER))
    [entry] = (await news.since(cursor="", wait_s=0)).entries
    assert isinstance(entry, RolesNow)
    assert (entry.organisation, entry.person, entry.version) == (clinic, person, 4)
    assert entry.roles == {"patient", "therapist"}


async def test_a_transaction_that_commits_late_is_not_missed(database: Database, news: RevocationNews) -> None:
    late, soon = uuid4(), uuid4()
    async with database.app(REGION) as tx:
        await tx.execute(NOTE, (late, 2, None, LATER))
        await note(database, soon)
        seen = await news.since(cursor="", wait_s=0)
        assert seen.entries == [SessionOver(soon, LATER)], "not held up by what is under way"
        assert (await news.since(cursor=seen.cursor, wait_s=0)).entries == []
    assert (await news.since(cursor=seen.cursor, wait_s=0)).entries == [SessionOver(late, LATER)]


async def test_a_cursor_is_known_to_every_process_and_survives_a_restart(database: Database) -> None:
    first, second = RevocationNews(database, CLOCK), RevocationNews(database, CLOCK)
    one, two = uuid4(), uuid4()
    await note(database, one)
    await second.since(cursor="", wait_s=0)
    seen = await first.since(cursor="", wait_s=0)
    await note(database, two)
    newest = await first.since(cursor=seen.cursor, wait_s=0)
    assert (await second.since(cursor=seen.cursor, wait_s=0)).entries == newest.entries == [SessionOver(two, LATER)]
    restarted = RevocationNews(database, CLOCK)
    assert (await restarted.since(cursor=newest.cursor, wait_s=0)).entries == []


async def test_news_end_a_wait_and_silence_lasts_no_longer_than_it(database: Database, news: RevocationNews) -> None:
    cursor = (await news.since(cursor="", wait_s=0)).cursor
    began = time.monotonic()
    assert (await news.since(cursor=cursor, wait_s=0.3)).entries == []
    assert 0.3 <= time.monotonic() - began < 2
    waiting = asyncio.create_task(news.since(cursor=cursor, wait_s=1.5))
    await asyncio.sleep(0.05)
    session = uuid4()
    await note(database, session)
    told = time.monotonic()
    assert (await waiting).entries == [SessionOver(session, LATER)]
    assert time.monotonic() - told < 1


async def test_many_that_wait_cost_one_look(news: RevocationNews, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, read = [0], RevocationNews._read

    async def counted(self: Any, *words: Any) -> Any:
        looks[0] += 1
        return await read(self, *words)

    monkeypatch.setattr(RevocationNews, "_read", counted)
    cursor = (await news.since(cursor="", wait_s=0)).cursor
    await asyncio.gather(*(news.since(cursor=cursor, wait_s=0.5) for _ in range(100)))
    assert looks[0] <= 8


async def test_many_entries_come_in_parts(
    database: Database, news: RevocationNews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "MOST", 3)
    noted = {uuid4() for _ in range(10)}
    for session in noted:
        await note(database, session)
    cursor, told = "", set[UUID]()
    for _ in range(4):
        part = await news.since(cursor=cursor, wait_s=0)
        assert len(part.entries) <= 3
        told |= {entry.session for entry in part.entries if isinstance(entry, SessionOver)}
        cursor = part.cursor
    assert told == noted
    assert (await news.since(cursor=cursor, wait_s=0)).entries == []


async def test_another_epoch_of_the_log_tells_everything_again(database: Database, news: RevocationNews) -> None:
    session = uuid4()
    await note(database, session)
    cursor = (await news.since(cursor="", wait_s=0)).cursor
    assert cursor.startswith("1/")
    assert (await news.since(cursor=cursor.replace("1/", "7/", 1), wait_s=0)).entries == [SessionOver(session, LATER)]
    with pytest.raises(Malformed):
        await news.since(cursor="yesterday", wait_s=0)


async def test_what_matters_no_more_is_not_told_and_swept(database: Database) -> None:
    clock = StandingClock()
    old, young = uuid4(), uuid4()
    await note(database, old, until=clock.now + timedelta(minutes=1))
    await note(database, young)
    swept = asyncio.Event()

    async def after_a_sweep(_: float) -> None:
        swept.set()
        await asyncio.Event().wait()

    news = RevocationNews(database, clock, sleep=after_a_sweep)
    assert len((await news.since(cursor="", wait_s=0)).entries) == 2
    clock.pass_(minutes=2)
    assert (await news.since(cursor="", wait_s=0)).entries == [SessionOver(young, LATER)]
    sweeping = asyncio.create_task(news.run())
    await swept.wait()
    sweeping.cancel()
    async with database.worker() as tx:
        assert await (await tx.execute("select subject from revocation")).fetchall() == [(young,)]
