"""Mail goes as its reader wants it: under a name of their choice, at their hours; what guards an account at once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract.corrections import CorrectionDecidedV1
from mindlyfe.identity.contract.erasures import ErasureRefusedV1
from mindlyfe.identity.contract.exports import ExportReadyV1
from mindlyfe.identity.contract.flows import RecoveryAskedV1
from mindlyfe.identity.contract.profiles import BestHours
from mindlyfe.kernel.messages import REGION, Event, PersonId

PAT = PersonId(UUID(int=2))
READY = ExportReadyV1(person=PAT, export=UUID(int=8))


def later(hours: int) -> tuple[BestHours, ...]:
    """An hour that begins so many full hours from now, in UTC."""
    start = (datetime.now(UTC) + timedelta(hours=hours)).hour
    return (BestHours(from_=f"{start:02}:00", to=f"{start + 1:02}:00"),)


@pytest.mark.parametrize(
    ("event", "kind", "words"),
    [
        (READY, "export-ready", "can be fetched for seven days"),
        (CorrectionDecidedV1(person=PAT, correction=UUID(int=8)), "correction-decided", "has answered"),
        (ErasureRefusedV1(person=PAT, by_law=False), "erasure-refused", "gives a reason"),
        (ErasureRefusedV1(person=PAT, by_law=True), "erasure-put-off", "a law says until when"),
    ],
)
async def test_the_person_is_told_what_became_of_it(office: Any, event: Event, kind: str, words: str) -> None:
    async with office.sending():
        await office.tell(event)
        delivery = await office.until(PAT, "sent", 1)
    [mail] = office.post.mails
    assert (delivery["kind"], mail["To"]) == (kind, f"{PAT}@example.org")
    assert words in mail.get_body(("plain",)).get_content()
    for given_away in ("Harbour", "Clinic", "erase", "data", "record"):
        assert given_away not in mail["Subject"]


async def test_it_waits_for_the_best_hours_and_recovery_does_not(office: Any) -> None:
    office.neighbours.wishes[PAT] = {"hours": later(3), "zone": "UTC"}
    async with office.sending():
        await office.tell(READY)
        held = await office.held(PAT)
        assert held["next_attempt_at"][11:16] == later(3)[0].from_
        assert (held["attempts"], held["last_error"]) == (0, "")
        await office.tell(RecoveryAskedV1(person=PAT), tenant=REGION)
        await office.settled()
        assert [mail["Subject"] for mail in office.post.mails] == ["Choose a new password"]
        office.neighbours.wishes[PAT] = {"hours": later(0), "zone": "UTC"}
        await office.pass_(seconds=4 * 3600)
        await office.until(PAT, "sent", 1)
    assert len(office.post.mails) == 2


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        ({}, "Clinic"),
        ({"sender": "Aunt Sam"}, "Aunt Sam"),
        ({"discreet": False}, "Harbour Clinic"),
        ({"discreet": False, "sender": "Aunt Sam"}, "Aunt Sam"),
    ],
)
async def test_the_sender_is_shown_under_the_chosen_name(office: Any, wish: dict[str, Any], shown: str) -> None:
    office.neighbours.wishes[PAT] = wish
    async with office.sending():
        await office.tell(READY)
        await office.until(PAT, "sent", 1)
    [mail] = office.post.mails
    assert mail["From"] == f"{shown} <no-reply@harbour.example>"
    for form in ("plain", "html"):
        assert ("Harbour" in mail.get_body((form,)).get_content()) == ("Harbour" in shown), "nor does a footer tell"


async def test_the_last_word_is_said_once_and_waited_for(office: Any) -> None:
    leave = office.module.personal.takes_leave
    office.neighbours.wishes[PAT] = {"hours": later(3), "zone": "UTC"}
    assert [await leave(office.tenant, PAT) for _ in range(3)] == [False] * 3
    async with office.sending():
        await office.until(PAT, "sent", 1)
        assert [await leave(office.tenant, PAT) for _ in range(2)] == [True] * 2
        await office.settled()
    [mail] = office.post.mails
    assert "the last message" in " ".join(mail.get_body(("plain",)).get_content().split())
    assert [type(r.event).__name__ for r in await office.recorded()] == ["Requested", "Sent"]


@pytest.mark.parametrize("wish", [{"avoid": frozenset({"email"})}, None])
async def test_who_cannot_be_written_to_holds_nothing_up(office: Any, wish: dict[str, Any] | None) -> None:
    person = PersonId(uuid4())
    if wish:
        office.neighbours.wishes[person] = wish
    else:
        office.neighbours.gone.add(person)
    leave = office.module.personal.takes_leave
    assert not await leave(office.tenant, person)
    async with office.sending():
        await office.until(person, "dead", 1)
    assert await leave(office.tenant, person)
    assert office.post.mails == []


async def test_nobody_is_left_to_be_told_once_the_key_is_gone(office: Any) -> None:
    await office.keys.erase(office.tenant, PAT)
    assert await office.module.personal.takes_leave(office.tenant, PAT)
