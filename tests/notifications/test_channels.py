"""A delivery goes by its channel; what is critical does not stand in a queue."""

from typing import Any
from uuid import uuid4

from mindlyfe.kernel.config import SmsSettings
from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.adapters.leases import Leases
from mindlyfe.notifications.application.ports import Room
from mindlyfe.notifications.application.sender import AT_ONCE, FOR_CRITICAL

WAITING = """
    insert into delivery (tenant, id, kind, recipient, status, attempts, version, requested_at, next_attempt_at,
        correlation)
    select %s, gen_random_uuid(), 'registration-repeated', gen_random_uuid(), 'waiting', 0, 1, now(),
        now() - interval '1 hour' * random(), '' from generate_series(1, %s)"""


def somebody() -> PersonId:
    return PersonId(uuid4())


async def test_a_channel_that_nobody_set_up_is_a_dead_letter_that_says_so(office: Any) -> None:
    person = somebody()
    async with office.sending(office.told(sms=SmsSettings())):
        await office.request(person, "sms")
        dead = await office.until(person, "dead", 1)
    assert (dead["channel"], dead["last_error"]) == ("sms", "channel-not-configured")


async def test_mail_is_what_it_goes_by_unless_something_else_was_said(office: Any) -> None:
    booked = await office.book()
    shown = await office.of(booked.patient)
    assert (shown["channel"], shown["priority"]) == ("email", "normal")


async def test_what_is_critical_is_claimed_before_a_hundred_thousand_that_are_due_longer(office: Any) -> None:
    async with office.database.worker() as tx:
        await tx.execute(WAITING, (office.tenant, 100_000))
    urgent = await office.request(somebody(), priority="critical")
    first, *others = await Leases(office.database).turn(Room(3, 2), keep=[], give_back=[])
    assert (first.delivery, first.priority) == (urgent, "critical")
    assert [one.priority for one in others] == ["normal", "normal"]


async def test_places_for_the_critical_are_not_taken_by_others(office: Any) -> None:
    for priority in ("normal", "normal", "critical", "critical"):
        await office.request(somebody(), priority=priority)
    leases = Leases(office.database)
    assert [one.priority for one in await leases.turn(Room(1, 0), keep=[], give_back=[])] == ["critical"]
    assert [one.priority for one in await leases.turn(Room(2, 2), keep=[], give_back=[])] == ["critical", "normal"]
    assert [one.priority for one in await leases.turn(Room(2, 0), keep=[], give_back=[])] == []


async def test_a_critical_mail_goes_out_while_a_slow_server_holds_up_the_others(office: Any) -> None:
    office.post.silent = True
    for _ in range(2 * AT_ONCE):
        await office.request(somebody())
    async with office.sending():
        await office.until_mails(AT_ONCE - FOR_CRITICAL)
        urgent = somebody()
        await office.request(urgent, priority="critical")
        await office.until_mails(AT_ONCE - FOR_CRITICAL + 1)
    assert len(office.post.ids_to(urgent)) == 1
