"""Read models fed by public events: once per message, a batch per transaction, one bad message alone to blame."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.follower import Follower
from mindlyfe.kernel.messages import Event, Heard, MessageId, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.testing.telling import REGION, BookedV1, Bookings, MovedV1
from mindlyfe.kernel.transport.port import Envelope

TENANT = TenantId(uuid4())


def told(event: BookedV1 | MovedV1, version: int = 1, tenant: TenantId = TENANT) -> Envelope:
    """The event on its way; its stream is the appointment."""
    return Envelope(
        id=MessageId(uuid4()),
        subject=f"{REGION}.{event.__struct_config__.tag}",
        tenant=tenant,
        stream=event.appointment,
        version=version,
        at=datetime.now(UTC),
        correlation="",
        body=msgspec.Raw(msgspec.json.encode(event)),
    )


def booked(tenant: TenantId = TENANT, patient: UUID | None = None) -> Envelope:
    """A booking of a new appointment."""
    return told(BookedV1(appointment=uuid4(), patient=patient or uuid4(), therapist=uuid4()), tenant=tenant)


def moved(appointment: UUID, version: int = 2) -> Envelope:
    """A change of an appointment."""
    return told(MovedV1(appointment=appointment), version)


async def rows(listener: Database, tenant: TenantId = TENANT) -> dict[UUID, tuple[int, int]]:
    """Appointment → moves, how often something was applied."""
    async with listener.app(tenant) as tx:
        found = await (await tx.execute("select appointment, moves, applied from booking")).fetchall()
    return {appointment: (moves, applied) for appointment, moves, applied in found}


class Picky(Bookings):
    """Refuses to apply what is about `unwanted`, after it has written."""

    name = "picky"
    events: Sequence[type[Event]] = (BookedV1,)

    def __init__(self, unwanted: UUID) -> None:
        super().__init__()
        self.unwanted = unwanted

    async def apply(self, tx: Tx, heard: Sequence[Heard[Any]], /) -> None:
        await super().apply(tx, heard)
        if any(getattr(h.event, "patient", None) == self.unwanted for h in heard):
            raise ValueError("a name that must not be logged")


async def test_what_comes_twice_is_applied_once(listener: Database) -> None:
    follower = Follower(listener, REGION, [Bookings()])
    first = booked()
    batch = [first, moved(first.stream), booked()]
    for _ in range(3):
        assert await follower.deliver(batch) == {}
    assert await follower.deliver([*batch, *batch]) == {}
    assert (await rows(listener))[first.stream] == (1, 2)
    assert len(await rows(listener)) == 2


async def test_each_tenant_has_its_own(listener: Database) -> None:
    other = TenantId(uuid4())
    model = Bookings()
    await Follower(listener, REGION, [model]).deliver([booked(), booked(other), booked()])
    assert len(await rows(listener)) == 2
    assert len(await rows(listener, other)) == 1
    assert model.applied == 3


async def test_one_bad_message_fails_alone_and_holds_its_stream(listener: Database) -> None:
    unwanted = uuid4()
    good, bad = booked(), booked(patient=unwanted)
    follower = Follower(listener, REGION, [Picky(unwanted)])
    again = told(BookedV1(appointment=bad.stream, patient=uuid4(), therapist=uuid4()), version=2)

    failures = await follower.deliver([bad, good, again])

    assert failures == {bad.id: "ValueError"}
    assert list(await rows(listener)) == [good.stream]


async def test_a_model_that_fails_does_not_hold_up_another(listener: Database) -> None:
    unwanted = uuid4()
    bad = booked(patient=unwanted)
    bookings = Bookings()
    failures = await Follower(listener, REGION, [Picky(unwanted), bookings]).deliver([bad])
    assert list(failures) == [bad.id]
    assert bookings.applied == 1


async def test_a_body_that_is_no_event_fails_alone(listener: Database) -> None:
    good = booked()
    bad = msgspec.structs.replace(booked(), body=msgspec.Raw(b'{"type":"teller.booked.v1"}'))
    assert await Follower(listener, REGION, [Bookings()]).deliver([bad, good]) == {bad.id: "undecodable"}
    assert list(await rows(listener)) == [good.stream]


async def test_a_field_of_a_later_version_is_ignored(listener: Database) -> None:
    one = booked()
    wider = msgspec.json.decode(one.body) | {"colour": "green"}
    newer = msgspec.structs.replace(one, body=msgspec.Raw(msgspec.json.encode(wider)))
    assert await Follower(listener, REGION, [Bookings()]).deliver([newer]) == {}


async def test_without_a_database_nothing_can_be_tried(listener: Database) -> None:
    await listener.app_pool.close()
    with pytest.raises(Unavailable):
        await Follower(listener, REGION, [Bookings()]).deliver([booked()])
