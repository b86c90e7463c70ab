"""Given a handover, when it is ordered, settled or finished, then."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mindlyfe.identity.contract.handovers import Outcome
from mindlyfe.identity.domain import care
from mindlyfe.identity.domain.handover import (
    Finished,
    HandoverBackdated,
    HandoverRuns,
    Lot,
    NoReceiver,
    NotInCaseload,
    Ordered,
    SameClinician,
    Settled,
    able,
    chosen,
    evolve,
    finish,
    foreseen,
    order,
    settle,
)
from mindlyfe.identity.domain.member import Member
from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.testing.decisions import given

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
RUIZ, SATO, ADMIN, PAT, AMINA = (PersonId(uuid4()) for _ in range(5))
PATS, AMINAS = (Lot(care=uuid4(), patient=one, since=NOW - DAY) for one in (PAT, AMINA))
ORDERED = Ordered(handover=uuid4(), giver=RUIZ, receiver=SATO, at=NOW, patients=None, lots=(PATS, AMINAS), by=ADMIN)
FIRST, SECOND = Settled(care=PATS.care, outcome="moved"), Settled(care=AMINAS.care, outcome="treats-already")
DONE = Finished(handover=ORDERED.handover, giver=RUIZ, receiver=SATO)


def test_it_is_ordered_once_under_an_id() -> None:
    given(evolve).when(lambda s: order(s, ORDERED)).then(ORDERED)
    given(evolve, ORDERED, FIRST).when(lambda s: order(s, replace(ORDERED, lots=(), at=NOW + DAY))).then()
    for other in (replace(ORDERED, receiver=ADMIN), replace(ORDERED, patients=(PAT,)), replace(ORDERED, giver=ADMIN)):
        given(evolve, ORDERED).when(partial(order, wish=other)).refused(HandoverRuns)


def test_each_relationship_is_settled_once_and_all_of_them_finish_it_once() -> None:
    given(evolve, ORDERED).when(lambda s: settle(s, PATS.care, "moved")).then(FIRST)
    given(evolve, ORDERED, FIRST).when(lambda s: settle(s, PATS.care, "ended")).then()
    given(evolve, ORDERED, FIRST).when(finish).then()
    after = given(evolve, ORDERED, FIRST, SECOND).when(finish).then(DONE)
    assert after is not None
    assert (after.finished, after.moved, after.waiting) == (True, 1, [])
    given(evolve, ORDERED, FIRST, SECOND, DONE).when(finish).then()
    given(evolve, ORDERED, FIRST, SECOND, DONE).when(lambda s: settle(s, uuid4(), "moved")).then()
    given(evolve).when(finish).refused(NotFound)
    given(evolve).when(lambda s: settle(s, PATS.care, "moved")).refused(NotFound)


def belongs(person: PersonId, *roles: Role, **other: str) -> Member:
    known = Member(person=person, name="N", date_of_birth=None, roles=frozenset(roles), zone="UTC", locale="en")
    return replace(known, **other)


def test_who_gives_and_who_receives() -> None:
    ruiz, sato = belongs(RUIZ, "therapist"), belongs(SATO, "supervisor")
    able(ruiz, sato, at=NOW, now=NOW)
    able(belongs(RUIZ, "therapist", standing="suspended"), sato, at=NOW + DAY, now=NOW)
    cases: list[tuple[Member | None, Member | None, datetime, type[DomainError]]] = [
        (None, sato, NOW, NotFound),
        (ruiz, ruiz, NOW, SameClinician),
        (ruiz, None, NOW, NoReceiver),
        (ruiz, belongs(SATO, "patient"), NOW, NoReceiver),
        (ruiz, belongs(SATO, "therapist", standing="suspended"), NOW, NoReceiver),
        (ruiz, sato, NOW - DAY, HandoverBackdated),
    ]
    for giver, receiver, at, reason in cases:
        with pytest.raises(reason):
            able(giver, receiver, at=at, now=NOW)


def test_all_that_runs_moves_or_what_is_named() -> None:
    over = Lot(care=uuid4(), patient=ADMIN, since=NOW - DAY, until=NOW)
    assert chosen([PATS, AMINAS, over], NOW, None) == (PATS, AMINAS)
    assert chosen([PATS, AMINAS, over], NOW, [AMINA]) == (AMINAS,)
    for wrong in ([ADMIN], [PAT, SATO]):
        with pytest.raises(NotInCaseload):
            chosen([PATS, AMINAS, over], NOW, wrong)


@pytest.mark.parametrize(
    ("since", "until", "outcome"),
    [
        (-2, None, "treats-already"),
        (0, None, "treats-already"),
        (-2, 9, "treats-already"),
        (-2, 5, "overlaps"),
        (3, None, "overlaps"),
        (3, 4, "overlaps"),
        (-2, 0, "moved"),
        (9, None, "moved"),
    ],
)
def test_what_the_receiver_has_already_decides(since: int, until: int | None, outcome: Outcome) -> None:
    """The giver's is agreed for nine days more."""
    lot = replace(PATS, until=NOW + 9 * DAY)
    has = replace(lot, since=NOW + since * DAY, until=None if until is None else NOW + until * DAY)
    assert foreseen(lot, NOW, [replace(has, patient=AMINA)]) == "moved"
    assert foreseen(lot, NOW, [has]) == outcome


def test_what_is_over_by_then_is_left_alone() -> None:
    assert foreseen(replace(PATS, until=NOW), NOW, []) == "ended"


def test_care_passes_at_the_instant_and_a_repeat_changes_nothing() -> None:
    begun = care.Started(care=PATS.care, patient=PAT, clinician=RUIZ, since=NOW)
    over = care.Ended(care=PATS.care, patient=PAT, clinician=RUIZ, until=NOW + DAY, by=ADMIN)
    given(care.evolve, begun).when(lambda s: care.pass_on(s, by=ADMIN, at=NOW + DAY)).then(over)
    given(care.evolve, begun, over).when(lambda s: care.pass_on(s, by=ADMIN, at=NOW + DAY)).then()
    given(care.evolve).when(lambda s: care.pass_on(s, by=ADMIN, at=NOW)).then()
    later = replace(begun, since=NOW + 2 * DAY)
    never = replace(over, until=NOW + 2 * DAY)
    given(care.evolve, later).when(lambda s: care.pass_on(s, by=ADMIN, at=NOW)).then(never)
    given(care.evolve).when(lambda s: care.take_over(s, begun)).then(begun)
    given(care.evolve, begun, over).when(lambda s: care.take_over(s, begun)).then()
