"""Two accounts of one patient become one: what waits goes to the survivor, and both addresses are told once."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.personal import PersonalData
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.kernel.testing.stand_ins import MemoryObjects
from mindlyfe.notifications.domain.delivery import DeadLettered, Readdressed, Requested, Sent, evolve, follow_merge
from mindlyfe.notifications.testing import NINE
from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId

OLD, NEW, TIM = (PersonId(UUID(int=one)) for one in (2, 3, 4))
ASKED = Requested(kind="appointment-booked", recipient=OLD, about=UUID(int=5), at=NINE)
CANCELLED = AppointmentCancelledV1(
    appointment=AppointmentId(UUID(int=5)), patient=OLD, therapist=TIM, by=TIM, late=False
)


def test_only_what_waits_moves_and_what_is_meant_for_the_old_address_stays() -> None:
    follow, moved = partial(follow_merge, duplicate=OLD, survivor=NEW), Readdressed(recipient=NEW, was=OLD)
    after = given(evolve, ASKED).when(follow).then(moved)
    assert after is not None
    assert (after.recipient, after.status) == (NEW, "waiting")
    given(evolve, ASKED, moved).when(follow).then()
    given(evolve, ASKED, Sent(provider="smtp", answer="250", at=NINE)).when(follow).then()
    given(evolve, ASKED, DeadLettered(error="smtp-550")).when(follow).then()
    own = Requested(kind="account-merged-away", recipient=OLD, about=UUID(int=5), at=NINE)
    given(evolve, own).when(follow).then()


async def told(office: Any, merge: UUID) -> None:
    await office.tell(MemberMergedV1(merge=merge, duplicate=OLD, survivor=NEW))


@pytest.fixture
def held(office: Any) -> PersonalData:
    return PersonalData(office.database, MemoryObjects(), office.module.personal)  # type: ignore[arg-type]


async def test_what_waits_goes_to_the_survivor_and_both_addresses_are_told_once(
    office: Any, held: PersonalData
) -> None:
    merge = uuid4()
    await office.tell(CANCELLED)
    assert not await held.moved(tenant=office.tenant, person=OLD)
    for _ in range(2):
        await told(office, merge)
    assert await held.moved(tenant=office.tenant, person=OLD)
    found = sorted((one["kind"], one["recipient"]) for one in await office.deliveries())
    assert found == [
        ("account-merged-away", str(OLD)),
        ("accounts-merged", str(NEW)),
        ("appointment-cancelled", str(NEW)),
        ("appointment-cancelled", str(TIM)),
    ]


async def test_the_survivor_is_written_to_and_the_old_address_hears_of_it_itself(office: Any) -> None:
    await told(office, uuid4())
    sender = office.start()
    await office.until(OLD, "sent", 1)
    await office.until(NEW, "sent", 1)
    await office.kill(sender)
    subjects = {str(mail["To"]): str(mail["Subject"]) for mail in office.post.mails}
    assert subjects == {
        f"{NEW}@example.org": "Your two accounts are one now",
        f"former-{OLD}@example.org": "One of your accounts has ended",
    }
