"""One episode of care: given what happened, when somebody wants something, then …"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract.episodes import (
    AddressedToAnother,
    EpisodeRuns,
    OwnReferral,
    Problem,
    Stage,
    WrongStage,
)
from mindlyfe.therapy.domain.episode import (
    Accepted,
    Begun,
    Described,
    Discharged,
    Episode,
    Referred,
    Refused,
    Step,
    Transferred,
    Withdrawn,
    accept,
    begin,
    describe,
    discharge,
    evolve,
    refer,
    refuse,
    withdraw,
)
from mindlyfe.therapy.domain.following import give_up, transfer

PATIENT, DESK, RUIZ, SATO = (PersonId(UUID(int=n)) for n in (1, 2, 3, 4))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
LOW = Problem(words="Depressive episode", system="icd-10", code="F32.1")
REFERRED = Referred(patient=PATIENT, by=DESK, source="clinic", problem=LOW, reason="asked by phone", at=NOW)
TO_RUIZ = Referred(patient=PATIENT, by=PATIENT, source="booking", addressed_to=RUIZ, at=NOW)
ACCEPTED = Accepted(patient=PATIENT, clinician=RUIZ, at=NOW)
BEGUN = Begun(by=RUIZ, at=NOW)
DISCHARGED = Discharged(patient=PATIENT, clinician=RUIZ, by=RUIZ, ending="completed", words="well", at=NOW)
REFUSED = Refused(by=RUIZ, reason="not for us", at=NOW)


def given(*steps: Step) -> Episode:
    state: Episode | None = None
    for step in steps:
        state = evolve(state, step)
    assert state
    return state


def test_a_referral_begins_an_episode_and_comes_once() -> None:
    assert refer(None, REFERRED) == [REFERRED]
    assert refer(given(REFERRED), REFERRED) == []
    with pytest.raises(EpisodeRuns):
        refer(given(REFERRED), TO_RUIZ)


def test_a_referral_to_nobody_in_particular_is_accepted_by_any_clinician_but_its_author() -> None:
    assert accept(given(REFERRED), by=RUIZ, now=NOW) == [ACCEPTED]
    with pytest.raises(OwnReferral):
        accept(given(REFERRED), by=DESK, now=NOW)


def test_only_who_is_asked_decides() -> None:
    assert accept(given(TO_RUIZ), by=RUIZ, now=NOW) == [ACCEPTED]
    with pytest.raises(AddressedToAnother):
        accept(given(TO_RUIZ), by=SATO, now=NOW)
    with pytest.raises(AddressedToAnother):
        refuse(given(TO_RUIZ), by=SATO, reason="", now=NOW)
    assert refuse(given(TO_RUIZ), by=RUIZ, reason="not for us", now=NOW) == [REFUSED]


def test_accepting_again_changes_nothing_for_the_same_clinician_alone() -> None:
    assert accept(given(REFERRED, ACCEPTED), by=RUIZ, now=NOW) == []
    with pytest.raises(WrongStage):
        accept(given(REFERRED, ACCEPTED), by=SATO, now=NOW)


def test_a_referral_is_withdrawn_until_somebody_decided() -> None:
    gone = Withdrawn(by=PATIENT, at=NOW)
    assert withdraw(given(REFERRED), by=PATIENT, now=NOW) == [gone]
    assert withdraw(given(REFERRED, gone), by=PATIENT, now=NOW) == []
    with pytest.raises(WrongStage):
        withdraw(given(REFERRED, ACCEPTED), by=PATIENT, now=NOW)


def test_a_cancelled_booking_withdraws_what_waits_and_nothing_else() -> None:
    assert give_up(given(TO_RUIZ), by=PATIENT, now=NOW) == [Withdrawn(by=PATIENT, at=NOW)]
    assert give_up(given(TO_RUIZ, ACCEPTED), by=PATIENT, now=NOW) == []
    assert give_up(None, by=PATIENT, now=NOW) == []


def test_treatment_begins_after_acceptance() -> None:
    assert begin(given(REFERRED, ACCEPTED), by=RUIZ, now=NOW) == [BEGUN]
    assert begin(given(REFERRED, ACCEPTED, BEGUN), by=RUIZ, now=NOW) == []
    for early in ((REFERRED,), (REFERRED, REFUSED), (REFERRED, ACCEPTED, DISCHARGED)):
        with pytest.raises(WrongStage):
            begin(given(*early), by=RUIZ, now=NOW)


def test_a_patient_is_discharged_from_treatment_with_an_ending() -> None:
    for history in ((REFERRED, ACCEPTED), (REFERRED, ACCEPTED, BEGUN)):
        assert discharge(given(*history), by=RUIZ, ending="completed", words="well", now=NOW) == [DISCHARGED]
    for ended in ((REFERRED,), (REFERRED, REFUSED), (REFERRED, ACCEPTED, DISCHARGED)):
        with pytest.raises(WrongStage):
            discharge(given(*ended), by=RUIZ, ending="completed", words="", now=NOW)


def test_a_handover_of_care_gives_the_episode_to_a_colleague_once() -> None:
    care, back = UUID(int=7), UUID(int=8)
    gone = Transferred(clinician=SATO, was=RUIZ, care=care, at=NOW)
    for history in ((TO_RUIZ, ACCEPTED), (TO_RUIZ, ACCEPTED, BEGUN)):
        assert transfer(given(*history), care=care, was=RUIZ, clinician=SATO, now=NOW) == [gone]
    after = given(TO_RUIZ, ACCEPTED, BEGUN, gone)
    assert (after.clinician, after.stage, after.parties) == (SATO, "active", (SATO,))
    assert transfer(after, care=care, was=RUIZ, clinician=SATO, now=NOW) == []
    [ended] = discharge(after, by=SATO, ending="completed", words="", now=NOW)
    assert isinstance(ended, Discharged)
    assert ended.clinician == SATO
    returned = evolve(after, Transferred(clinician=RUIZ, was=SATO, care=back, at=NOW))
    assert transfer(returned, care=care, was=RUIZ, clinician=SATO, now=NOW) == [], "heard late, it moves nothing again"


def test_a_handover_of_anothers_care_or_of_what_does_not_run_moves_no_episode() -> None:
    change: Any = {"care": UUID(int=7), "clinician": DESK, "now": NOW}
    assert transfer(None, was=RUIZ, **change) == []
    assert transfer(given(REFERRED, ACCEPTED), was=SATO, **change) == []
    for history in ((TO_RUIZ,), (REFERRED, ACCEPTED, DISCHARGED)):
        assert transfer(given(*history), was=RUIZ, **change) == []


def test_the_problem_is_described_anew_while_the_episode_runs() -> None:
    worry = Problem(words="Generalised anxiety")
    state = given(REFERRED, Described(by=RUIZ, problem=worry))
    assert state.problem == worry
    assert describe(state, by=RUIZ, problem=worry) == []
    with pytest.raises(WrongStage):
        describe(given(REFERRED, REFUSED), by=RUIZ, problem=worry)


def test_the_end_is_kept_with_its_words() -> None:
    state = given(REFERRED, ACCEPTED, BEGUN, DISCHARGED)
    assert (state.stage, state.ending, state.words, state.ended_at) == ("discharged", "completed", "well", NOW)
    assert state.parties == (RUIZ,)


type Wish = Callable[[Episode, PersonId, datetime], Sequence[Step]]
WISHES: list[Wish] = [
    lambda s, who, at: accept(s, by=who, now=at),
    lambda s, who, at: refuse(s, by=who, reason="no", now=at),
    lambda s, who, at: begin(s, by=who, now=at),
    lambda s, who, at: discharge(s, by=who, ending="other", words="", now=at),
    lambda s, who, at: withdraw(s, by=who, now=at),
    lambda s, who, _: describe(s, by=who, problem=LOW),
]
FOLLOWS: dict[Stage, set[Stage]] = {
    "referred": {"referred", "accepted", "refused", "withdrawn"},
    "accepted": {"accepted", "active", "discharged"},
    "active": {"active", "discharged"},
    "discharged": {"discharged"},
    "refused": {"refused"},
    "withdrawn": {"withdrawn"},
}


@given_any(st.lists(st.tuples(st.sampled_from(WISHES), st.sampled_from([RUIZ, SATO, DESK]))))
def test_whatever_is_wished_stages_follow_each_other_and_treatment_has_one_clinician(
    wishes: list[tuple[Wish, PersonId]],
) -> None:
    state = given(REFERRED)
    for hours, (wish, who) in enumerate(wishes):
        before = state
        try:
            for step in wish(state, who, NOW + timedelta(hours=hours)):
                state = evolve(state, step)
        except DomainError:
            assert state == before
        assert state.stage in FOLLOWS[before.stage]
        assert before.clinician in {None, state.clinician}
        assert (state.clinician is None) == (state.stage in {"referred", "refused", "withdrawn"})
        assert (state.ended_at is None) == (state.stage in {"referred", "accepted", "active"})
