"""One decision per case: deny by default, the nearest lack, and rules nobody may write."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mindlyfe.kernel.clinical import CLINICAL, CONTACT, NOTES, READ, RULES, WRITE
from mindlyfe.kernel.errors import AssuranceTooLow, NotFound
from mindlyfe.kernel.messages import PersonId, Role, TenantId
from mindlyfe.kernel.policy import NO_TIES, Action, ConsentMissing, DataClass, Policy, Relation, Rule, Thing, Tie, Ties
from mindlyfe.kernel.roles import CLINICIANS
from mindlyfe.kernel.testing.principals import principal

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CLINIC, PATIENT = TenantId(uuid4()), PersonId(uuid4())
POLICY = Policy(*RULES)
CARE = Ties((Tie("care", NOW),))
GLASS = Ties((Tie("break-glass", NOW - SECOND, NOW + timedelta(hours=2)),))


def thing(of: DataClass, *parties: PersonId) -> Thing:
    return Thing(CLINIC, PATIENT, of, parties)


def allowed(role: Role, action: Action, of: DataClass, ties: Ties = NO_TIES, *, aal: int = 2) -> bool:
    return POLICY.decide(principal(role, tenant=CLINIC, aal=aal), action, thing(of), ties, NOW).allowed


def test_asvs_8_2_1_what_no_rule_allows_is_denied() -> None:
    nothing = Policy()
    everyone = principal("patient", "therapist", "clinic-admin", tenant=CLINIC, person=PATIENT, aal=2)
    assert not nothing.decide(everyone, "read", thing("logistics"), CARE, NOW).allowed
    for role in ("operator", "privacy-officer", "service"):
        assert not any(allowed(role, "read", kind, CARE) for kind in ("logistics", "demographics", "clinical"))


def test_asvs_8_2_2_a_role_without_a_relation_opens_nobodys_record() -> None:
    assert not allowed("therapist", "read", "clinical")
    assert allowed("therapist", "read", "clinical", CARE)
    stranger = principal("patient", tenant=CLINIC)
    with pytest.raises(NotFound):
        POLICY.require(stranger, "read", thing("logistics"), NO_TIES, NOW)


def test_asvs_8_2_3_the_front_desk_sees_some_classes_of_the_same_person() -> None:
    assert allowed("reception", "read", "logistics", aal=1)
    assert allowed("reception", "write", "demographics", aal=1)
    assert not allowed("reception", "read", "clinical")
    assert not allowed("clinic-admin", "read", "clinical")
    assert not allowed("clinic-admin", "read", "psychotherapy-note")


def test_asvs_8_4_1_another_clinic_is_closed_to_every_relation() -> None:
    who = principal("therapist", "supervisor", "clinic-admin", tenant=uuid4(), aal=2)
    kinds: tuple[DataClass, ...] = ("logistics", "demographics", "clinical", "psychotherapy-note")
    everything = Ties(CARE.ties + GLASS.ties + (Tie("supervision", NOW),))
    for kind in kinds:
        assert not POLICY.decide(who, "read", thing(kind, who.id), everything, NOW).allowed


@pytest.mark.parametrize(
    ("since", "until", "open_"),
    [(0, None, True), (1, None, False), (-9, 0, False), (-9, 1, True), (0, 0, False)],
)
def test_care_opens_at_its_instant_and_closes_at_its_instant(since: int, until: int | None, open_: bool) -> None:
    tie = Tie("care", NOW + since * SECOND, None if until is None else NOW + until * SECOND)
    assert allowed("therapist", "read", "clinical", Ties((tie,))) is open_


def test_the_lack_that_is_nearest_is_told() -> None:
    who = principal("therapist", tenant=CLINIC, aal=1)
    with pytest.raises(AssuranceTooLow):
        POLICY.require(who, "read", thing("clinical"), CARE, NOW)
    strong = replace(who, aal=2)
    with pytest.raises(ConsentMissing):
        POLICY.require(strong, "analyse", thing("clinical"), CARE, NOW)
    POLICY.require(strong, "analyse", thing("clinical"), replace(CARE, consents=frozenset({"ai-analysis"})), NOW)


def test_breaking_the_glass_reads_and_opens_no_psychotherapy_note() -> None:
    assert allowed("therapist", "read", "clinical", GLASS)
    assert not allowed("therapist", "write", "clinical", GLASS)
    assert not allowed("therapist", "read", "psychotherapy-note", GLASS)
    assert not allowed("reception", "read", "clinical", GLASS)
    over = Ties((Tie("break-glass", NOW - timedelta(hours=2), NOW),))
    assert not allowed("therapist", "read", "clinical", over)


def test_psychotherapy_notes_are_their_authors_alone() -> None:
    author = principal("therapist", tenant=CLINIC, aal=2)
    note = thing("psychotherapy-note", author.id)
    assert POLICY.decide(author, "read", note, NO_TIES, NOW).allowed
    assert not POLICY.decide(author, "write", note, NO_TIES, NOW).allowed
    assert POLICY.decide(author, "write", note, CARE, NOW).by == ("party", "care")
    colleague = principal("therapist", "supervisor", tenant=CLINIC, aal=2)
    assert not POLICY.decide(colleague, "read", note, CARE, NOW).allowed
    assert not POLICY.decide(author, "export", note, CARE, NOW).allowed


def test_a_clinician_who_is_a_patient_reaches_their_own_as_a_patient() -> None:
    both = principal("patient", "therapist", tenant=CLINIC, person=PATIENT, aal=2)
    assert POLICY.decide(both, "read", thing("clinical"), NO_TIES, NOW).by == ("self",)
    assert not POLICY.decide(both, "write", thing("clinical", PATIENT), Ties(CARE.ties + GLASS.ties), NOW).allowed


BY_CARE: tuple[Relation, ...] = ("care",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"relations": ()},
        {"roles": frozenset({"service"})},
        {"relations": ("clinic",), "roles": CLINICIANS, "classes": CLINICAL},
        {"roles": frozenset({"reception"}), "classes": CLINICAL},
        {"aal": 1, "classes": CLINICAL},
        {"classes": NOTES},
        {"relations": ("break-glass",), "classes": NOTES},
        {"relations": ("party",), "actions": frozenset({"export"}), "classes": NOTES},
        {"relations": ("break-glass",), "actions": WRITE},
        {"relations": ("break-glass",), "aal": 1},
    ],
)
def test_a_rule_that_nobody_may_write_is_refused(wrong: dict[str, Any]) -> None:
    sound: dict[str, Any] = {"relations": BY_CARE, "roles": CLINICIANS, "actions": READ, "classes": CONTACT, "aal": 2}
    Policy(Rule(**sound))
    with pytest.raises(ValueError, match=r"\w"):
        Policy(Rule(**sound | wrong))
