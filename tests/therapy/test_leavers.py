"""Who leaves the clinic: their appointments to come are cancelled once, and nothing of it comes back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.kernel.heard import tag
from mindlyfe.kernel.messages import SYSTEM, ByMessage, Heard, MessageId, PersonId
from mindlyfe.kernel.reactor import Reactor
from mindlyfe.kernel.telemetry import started
from mindlyfe.kernel.testing.principals import act
from mindlyfe.kernel.transport.port import Envelope
from mindlyfe.therapy.domain.leaving import REASON

DAY = timedelta(days=1)


def news(clinic: Any, person: UUID, at: datetime | None = None) -> Envelope:
    """What identity says when somebody left."""
    left = MemberLeftV1(person=PersonId(person), at=clinic.clock.now)
    return Envelope(
        id=MessageId(uuid4()),
        subject=f"eu.{tag(MemberLeftV1)}",
        tenant=clinic.tenant,
        stream=uuid4(),
        version=2,
        at=at or datetime.now(UTC),
        correlation=started(),
        body=msgspec.Raw(msgspec.json.encode(left)),
    )


async def heard(clinic: Any, *told: Envelope) -> Any:
    """Therapy hears it; the codes of what failed."""
    return await Reactor(clinic.database, "eu", clinic.module.hears).deliver(told)


async def stands(person: Any, appointment: UUID) -> tuple[str, str]:
    """Status and reason, as the person sees them."""
    found = (await person.get(f"/v1/appointments/{appointment}")).json()
    return found["status"], found["reason"]


async def cancellations(clinic: Any) -> list[tuple[UUID, UUID, str]]:
    """Each one of the clinic: the appointment, who did it, what it was."""
    async with clinic.database.app(clinic.tenant) as tx:
        found = await tx.execute(
            "select stream, (meta->>'actor')::uuid, type from event"
            " where type = 'appointment.cancelled.v1' order by position"
        )
        return [tuple(row) for row in await found.fetchall()]


@pytest.mark.parametrize("who", ["patient", "therapist"])
async def test_appointments_to_come_are_cancelled_once_for_both(clinic: Any, tomorrow: datetime, who: str) -> None:
    therapist, patient, other = await clinic.therapist(), clinic.person("patient"), clinic.person("patient")
    colleague = await clinic.therapist()
    mine, later, theirs = uuid4(), uuid4(), uuid4()
    await patient.book(therapist, tomorrow, mine)
    await patient.book(therapist, tomorrow + DAY, later)
    await other.book(colleague, tomorrow, theirs)
    leaver, stays = (patient, therapist) if who == "patient" else (therapist, patient)
    clinic.identity.gone.add(leaver.id)
    told = news(clinic, leaver.id)
    for _ in range(2):
        assert await heard(clinic, told, told) == {}
    assert await stands(stays, mine) == await stands(stays, later) == ("cancelled", REASON)
    assert (await stands(other, theirs))[0] == "booked"
    assert {(stream, actor) for stream, actor, _ in await cancellations(clinic)} == {(mine, SYSTEM), (later, SYSTEM)}
    assert len(await cancellations(clinic)) == 2


async def test_what_is_over_or_cancelled_before_stays_as_it_was(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    over, cancelled = uuid4(), uuid4()
    await patient.book(therapist, tomorrow, over)
    await patient.book(therapist, tomorrow + DAY, cancelled)
    await patient.cancel(cancelled, "I travel")
    clinic.clock.pass_(days=1, hours=3)
    clinic.identity.gone.add(patient.id)
    await heard(clinic, news(clinic, patient.id))
    assert await stands(therapist, over) == ("booked", "")
    assert await stands(therapist, cancelled) == ("cancelled", "I travel")


async def test_the_freed_time_is_free_and_a_therapist_who_left_takes_no_bookings(
    clinic: Any, tomorrow: datetime
) -> None:
    therapist, patient, other = await clinic.therapist(), clinic.person("patient"), clinic.person("patient")
    await patient.book(therapist, tomorrow)
    clinic.identity.gone.add(patient.id)
    await heard(clinic, news(clinic, patient.id))
    assert (await other.book(therapist, tomorrow)).status_code == 201
    clinic.identity.gone.add(therapist.id)
    await heard(clinic, news(clinic, therapist.id))
    answer = await other.book(therapist, tomorrow + DAY)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/slot-not-offered")


async def test_who_is_admitted_again_before_it_is_heard_keeps_what_is_new_and_gets_nothing_back(
    clinic: Any, tomorrow: datetime
) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    before, since = uuid4(), uuid4()
    await patient.book(therapist, tomorrow, before)
    async with clinic.database.app(clinic.tenant) as tx:
        [(left_at,)] = await (await tx.execute("select max(at) from event")).fetchall()
    await patient.book(therapist, tomorrow + DAY, since)
    for leaver in (patient, therapist):
        await heard(clinic, news(clinic, leaver.id, left_at))
    assert await stands(therapist, before) == ("cancelled", REASON)
    assert await stands(therapist, since) == ("booked", "")
    assert (await clinic.person("patient").book(therapist, tomorrow)).status_code == 201


async def test_what_was_cancelled_does_not_come_back_with_who_comes_back(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    clinic.identity.gone.add(patient.id)
    told = news(clinic, patient.id)
    await heard(clinic, told)
    clinic.identity.gone.clear()
    assert (await stands(patient, appointment))[0] == "cancelled"
    assert (await patient.book(therapist, tomorrow, appointment)).status_code == 409
    assert (await patient.book(therapist, tomorrow, again := uuid4())).status_code == 201
    await heard(clinic, told)
    assert (await stands(patient, again))[0] == "booked"


async def test_a_reaction_that_runs_at_once_has_one_effect(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    clinic.identity.gone.add(therapist.id)
    message = MessageId(uuid4())
    one = Heard(
        event=MemberLeftV1(person=therapist.id, at=clinic.clock.now),
        message=message,
        stream=uuid4(),
        version=2,
        at=datetime.now(UTC),
        act=act(clinic.tenant, actor=SYSTEM, once=ByMessage("therapy.test", message)),
    )
    await asyncio.gather(*(clinic.module.hears[MemberLeftV1](one) for _ in range(3)))
    assert len(await cancellations(clinic)) == 1


async def test_while_identity_does_not_answer_nothing_is_done_and_it_is_tried_again(
    clinic: Any, tomorrow: datetime
) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    clinic.identity.gone.add(patient.id)
    clinic.identity.reachable = False
    told = news(clinic, patient.id)
    assert await heard(clinic, told) == {told.id: "unavailable"}
    clinic.identity.reachable = True
    assert (await stands(therapist, appointment))[0] == "booked"
    assert await heard(clinic, told) == {}
    assert (await stands(therapist, appointment))[0] == "cancelled"
