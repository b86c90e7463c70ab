"""Given a glass, when somebody breaks, ends or judges it, then."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mindlyfe.identity.domain.break_glass import (
    LASTS,
    AlreadyReviewed,
    Ended,
    GlassClosed,
    NoticeUnexplained,
    Opened,
    OwnGlass,
    Reviewed,
    break_,
    end,
    evolve,
    may_break,
    review,
    visible,
)
from mindlyfe.identity.domain.member import Joined
from mindlyfe.identity.domain.member import evolve as member
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.testing.decisions import given

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PATIENT, CLINICIAN, OFFICER, STRANGER = (PersonId(uuid4()) for _ in range(4))
OPENED = Opened(patient=PATIENT, clinician=CLINICIAN, reason="called by the hospital", at=NOW, until=NOW + LASTS)
THERAPIST: frozenset[Role] = frozenset({"therapist"})
REVIEWER: frozenset[Role] = frozenset({"privacy-officer"})
JUDGED = Reviewed(
    patient=PATIENT, by=OFFICER, outcome="justified", words="Rightly.", notice="send", withheld_because="", at=NOW
)


def ended(by: PersonId, at: datetime) -> Ended:
    return Ended(patient=PATIENT, clinician=CLINICIAN, by=by, at=at)


def test_it_opens_for_two_hours_once() -> None:
    state = given(evolve).when(lambda s: break_(s, OPENED)).then(OPENED)
    assert state is not None
    assert state.until - state.opened_at == timedelta(hours=2)
    given(evolve, OPENED).when(lambda s: break_(s, OPENED)).then()


@pytest.mark.parametrize(("by", "roles"), [(CLINICIAN, THERAPIST), (OFFICER, REVIEWER)])
def test_who_broke_it_and_a_privacy_officer_end_it(by: PersonId, roles: frozenset[Role]) -> None:
    soon = NOW + timedelta(minutes=5)
    state = given(evolve, OPENED).when(lambda s: end(s, by=by, roles=roles, now=soon)).then(ended(by, soon))
    assert state is not None
    assert state.until == soon


def test_nobody_else_sees_or_ends_it_and_nobody_ends_it_twice() -> None:
    glass = given(evolve, OPENED)
    glass.when(lambda s: end(s, by=STRANGER, roles=THERAPIST, now=NOW)).refused(NotFound)
    glass.when(lambda s: end(s, by=CLINICIAN, roles=THERAPIST, now=NOW + LASTS)).refused(GlassClosed)
    given(evolve).when(lambda s: end(s, by=CLINICIAN, roles=THERAPIST, now=NOW)).refused(NotFound)
    with pytest.raises(NotFound):
        visible(glass.state, PATIENT, frozenset({"patient"}))


def test_a_review_keeps_what_was_thought_and_whether_the_patient_is_told() -> None:
    wish = replace(JUDGED, patient=OFFICER)
    state = given(evolve, OPENED).when(lambda s: review(s, wish=wish)).then(JUDGED)
    assert state is not None
    assert state.until == NOW + LASTS, "what was justified stays open for its time"
    given(evolve, OPENED, JUDGED).when(lambda s: review(s, wish=wish)).refused(AlreadyReviewed)


def test_what_was_not_justified_ends_at_once() -> None:
    wrong = replace(JUDGED, outcome="not-justified")
    given(evolve, OPENED).when(lambda s: review(s, wish=wrong)).then(wrong, ended(OFFICER, NOW))
    late = replace(wrong, at=NOW + LASTS)
    given(evolve, OPENED).when(lambda s: review(s, wish=late)).then(late)


@pytest.mark.parametrize("by", [CLINICIAN, PATIENT])
def test_asvs_2_3_5_nobody_judges_what_they_did_or_what_concerns_them(by: PersonId) -> None:
    given(evolve, OPENED).when(lambda s: review(s, wish=replace(JUDGED, by=by))).refused(OwnGlass)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_notice_is_withheld_for_a_reason_only(reason: str) -> None:
    secret = replace(JUDGED, notice="withhold", withheld_because=reason)
    given(evolve, OPENED).when(lambda s: review(s, wish=secret)).refused(NoticeUnexplained)
    told = replace(JUDGED, notice="withhold", withheld_because="Her husband reads her mail.")
    given(evolve, OPENED).when(lambda s: review(s, wish=told)).then(told)


@pytest.mark.parametrize(
    ("roles", "person", "refusal"),
    [({"patient"}, PATIENT, None), ({"therapist"}, PATIENT, NotFound), ({"patient", "therapist"}, CLINICIAN, OwnGlass)],
)
def test_the_record_is_a_patients_and_somebody_elses(roles: Any, person: PersonId, refusal: Any) -> None:
    joined = Joined(person=person, name="P", roles=frozenset(roles), zone="UTC", locale="en", at=NOW)
    if refusal is None:
        may_break(member(None, joined), CLINICIAN)
        return
    with pytest.raises(refusal):
        may_break(member(None, joined), CLINICIAN)
