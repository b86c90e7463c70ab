"""Given a merge, when it is proposed, decided or carried out, then."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mindlyfe.identity.contract.consents import Recipient
from mindlyfe.identity.contract.merges import Conflict
from mindlyfe.identity.contract.profiles import SafeContact
from mindlyfe.identity.domain import member
from mindlyfe.identity.domain.consent import Key
from mindlyfe.identity.domain.details import Details
from mindlyfe.identity.domain.likeness import able, acknowledge, conflicts
from mindlyfe.identity.domain.member import Joined, Left, Member, join
from mindlyfe.identity.domain.merge import (
    AGAIN,
    LAPSES,
    SETTLES,
    Approved,
    Completed,
    Confirmed,
    Declined,
    Lapsed,
    Proposed,
    Retired,
    Told,
    approve,
    complete,
    confirm,
    decline,
    evolve,
    lapse,
    propose,
    retired,
    tell,
)
from mindlyfe.identity.domain.merge_refusals import (
    BirthDatesDiffer,
    ConflictsOpen,
    MergedAway,
    MergeDecided,
    MergeLapsed,
    MergeTaken,
    PatientsOnly,
    SamePerson,
    SecondPersonNeeded,
)
from mindlyfe.identity.domain.refusals import NotYourself
from mindlyfe.identity.domain.standing import become
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.testing.decisions import given

NOW: Final = datetime(2026, 6, 1, 9, tzinfo=UTC)
OLD, NEW, ADMIN, OFFICER = (PersonId(uuid4()) for _ in range(4))
NOTHING: Final[frozenset[Conflict]] = frozenset()
NAMES: Final[frozenset[Conflict]] = frozenset({"names-differ"})
SUSPENDED: Final[frozenset[Conflict]] = frozenset({"suspended"})
PROPOSED = Proposed(
    merge=uuid4(),
    duplicate=OLD,
    survivor=NEW,
    why="registered-twice",
    acknowledged=NAMES,
    contexts=("identity", "therapy"),
    by=ADMIN,
    at=NOW,
)
APPROVED, RETIRED = Approved(by=OFFICER, at=NOW), Retired(at=NOW)
TOLD = Told(merge=PROPOSED.merge, duplicate=OLD, survivor=NEW, at=NOW)
HERE, THERE = Confirmed(context="identity"), Confirmed(context="therapy")
SETTLED = NOW + SETTLES


def test_it_is_proposed_once_under_an_id() -> None:
    given(evolve).when(lambda s: propose(s, PROPOSED)).then(PROPOSED)
    given(evolve, PROPOSED, APPROVED).when(lambda s: propose(s, replace(PROPOSED, by=OFFICER))).then()
    for other in (replace(PROPOSED, survivor=ADMIN), replace(PROPOSED, duplicate=ADMIN)):
        given(evolve, PROPOSED).when(partial(propose, wish=other)).refused(MergeTaken)


def test_a_second_person_approves_what_was_acknowledged_and_no_more() -> None:
    agree = partial(approve, by=OFFICER, found=NAMES, now=NOW)
    given(evolve, PROPOSED).when(agree).then(APPROVED)
    given(evolve, PROPOSED).when(partial(agree, found=NOTHING)).then(APPROVED)
    given(evolve, PROPOSED, APPROVED).when(agree).then()
    given(evolve, PROPOSED).when(partial(agree, by=ADMIN)).refused(SecondPersonNeeded)
    for one in (OLD, NEW):
        given(evolve, PROPOSED).when(partial(agree, by=one)).refused(NotYourself)
    given(evolve, PROPOSED).when(partial(agree, found=NAMES | SUSPENDED)).refused(ConflictsOpen)
    given(evolve, PROPOSED, APPROVED).when(partial(agree, by=NEW)).refused(MergeDecided)
    given(evolve).when(agree).refused(NotFound)


def test_it_is_declined_by_whoever_looks_or_lapses() -> None:
    late = NOW + LAPSES
    for by in (ADMIN, OFFICER):
        given(evolve, PROPOSED).when(partial(decline, by=by, now=NOW)).then(Declined(by=by, at=NOW))
    declined = Declined(by=ADMIN, at=NOW)
    given(evolve, PROPOSED, declined).when(partial(decline, by=ADMIN, now=NOW)).then()
    given(evolve, PROPOSED, declined).when(partial(approve, by=OFFICER, found=NAMES, now=NOW)).refused(MergeDecided)
    given(evolve, PROPOSED, APPROVED).when(partial(decline, by=ADMIN, now=NOW)).refused(MergeDecided)
    given(evolve, PROPOSED).when(partial(approve, by=OFFICER, found=NAMES, now=late)).refused(MergeLapsed)
    given(evolve, PROPOSED).when(partial(lapse, now=late)).then(Lapsed(at=late))
    given(evolve, PROPOSED).when(partial(lapse, now=late - AGAIN)).then()
    given(evolve, PROPOSED, APPROVED).when(partial(lapse, now=late)).then()
    given(evolve, PROPOSED, Lapsed(at=late)).when(partial(decline, by=ADMIN, now=late)).refused(MergeLapsed)


def test_contexts_are_told_after_the_duplicate_is_out_and_again_when_one_lags() -> None:
    given(evolve, PROPOSED, APPROVED).when(partial(tell, now=NOW)).then()
    given(evolve, PROPOSED).when(partial(retired, now=NOW)).then()
    given(evolve, PROPOSED, APPROVED).when(partial(retired, now=NOW)).then(RETIRED)
    given(evolve, PROPOSED, APPROVED, RETIRED).when(partial(retired, now=NOW)).then()
    given(evolve, PROPOSED, APPROVED, RETIRED).when(partial(tell, now=NOW)).then(TOLD)
    run = (PROPOSED, APPROVED, RETIRED, TOLD, HERE)
    given(evolve, *run).when(partial(tell, now=NOW)).then()
    again = replace(TOLD, at=NOW + AGAIN)
    after = given(evolve, *run).when(partial(tell, now=NOW + AGAIN)).then(again)
    assert after is not None
    assert after.awaited == ("identity", "therapy"), "what they said before counts no longer"


def test_each_context_confirms_once_and_it_ends_when_it_is_settled() -> None:
    run = (PROPOSED, APPROVED, RETIRED, TOLD)
    given(evolve, PROPOSED, APPROVED, RETIRED).when(partial(confirm, context="therapy")).then()
    given(evolve, *run).when(partial(confirm, context="therapy")).then(THERE)
    given(evolve, *run, THERE).when(partial(confirm, context="therapy")).then()
    given(evolve, *run).when(partial(confirm, context="billing")).then()
    given(evolve, *run, THERE).when(partial(complete, now=SETTLED)).then()
    given(evolve, *run, THERE, HERE).when(partial(complete, now=SETTLED - AGAIN)).then()
    given(evolve, *run, THERE, HERE).when(partial(complete, now=SETTLED)).then(Completed(at=SETTLED))
    given(evolve, *run, THERE, HERE, Completed(at=SETTLED)).when(partial(complete, now=SETTLED)).then()


def patient(person: PersonId, *roles: Role, **other: Any) -> Member:
    known = Member(
        person=person,
        name="Amina Diallo",
        date_of_birth=date(1990, 4, 2),
        roles=frozenset(roles or ("patient",)),
        zone="UTC",
        locale="en",
    )
    return replace(known, **other)


def test_only_two_patients_of_the_clinic_are_merged_and_by_somebody_else() -> None:
    one, other = patient(OLD), patient(NEW)
    assert able(one, other, by=ADMIN) == (one, other)
    cases: list[tuple[Member | None, Member | None, PersonId, type[Exception]]] = [
        (None, other, ADMIN, NotFound),
        (one, patient(NEW, standing="left"), ADMIN, NotFound),
        (one, one, ADMIN, SamePerson),
        (one, other, NEW, NotYourself),
        (patient(OLD, "therapist"), other, ADMIN, PatientsOnly),
        (one, patient(NEW, "patient", "reception"), ADMIN, PatientsOnly),
    ]
    for duplicate, survivor, by, refusal in cases:
        with pytest.raises(refusal):
            able(duplicate, survivor, by=by)


@pytest.mark.parametrize(
    ("other", "conflict"),
    [
        ({"name": "Amina Okafor"}, "names-differ"),
        ({"date_of_birth": date(1990, 2, 4)}, "birth-dates-differ"),
        ({"date_of_birth": None}, "birth-date-missing"),
        ({"details": Details(phone="+441632960001")}, "contacts-differ"),
        ({"details": Details(safe_contact=SafeContact(voicemail=True))}, "contacts-differ"),
        ({"standing": "suspended"}, "suspended"),
    ],
)
def test_what_speaks_against_it_is_found_from_either_side(other: dict[str, Any], conflict: Conflict) -> None:
    one, two, nothing = patient(OLD), patient(NEW, **other), (frozenset[Any](), frozenset[Any]())
    assert conflicts(one, two, nothing) == conflicts(two, one, nothing) == {conflict}


def test_the_same_patient_twice_is_no_conflict_however_the_name_is_spelled() -> None:
    permits: frozenset[Key] = frozenset({("recording", Recipient(kind="clinic"))})
    two = patient(NEW, name="  amina   DIALLO ", pronouns="she/her")
    assert conflicts(patient(OLD), two, (permits, permits)) == NOTHING
    assert conflicts(patient(OLD), two, (permits, frozenset())) == {"consents-differ"}


def test_conflicts_are_acknowledged_each_and_dates_of_birth_never() -> None:
    acknowledge(NAMES, NAMES | SUSPENDED)
    with pytest.raises(ConflictsOpen):
        acknowledge(NAMES | SUSPENDED, NAMES)
    with pytest.raises(BirthDatesDiffer):
        acknowledge(frozenset({"birth-dates-differ"}), frozenset({"birth-dates-differ"}))


JOINED = Joined(person=OLD, name="Amina", roles=frozenset({"patient"}), zone="UTC", locale="en", at=NOW)
INTO = Left(person=OLD, roles=frozenset({"patient"}), at=NOW, into=NEW)


def test_the_duplicate_becomes_the_survivor_once_and_never_joins_again() -> None:
    given(member.evolve, JOINED).when(partial(become, survivor=NEW, now=NOW)).then(INTO)
    left = replace(INTO, into=None)
    given(member.evolve, JOINED, left).when(partial(become, survivor=NEW, now=NOW)).then(INTO)
    given(member.evolve, JOINED, INTO).when(partial(become, survivor=NEW, now=NOW)).then()
    given(member.evolve).when(partial(become, survivor=NEW, now=NOW)).then()
    given(member.evolve, JOINED, INTO).when(partial(join, wish=JOINED)).refused(MergedAway)
    again = replace(JOINED, at=NOW + timedelta(days=1))
    given(member.evolve, JOINED, left).when(partial(join, wish=again)).then(again)
