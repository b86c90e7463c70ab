"""Consents are the fold of their history: nothing is ever permitted that was not given, or that was withdrawn."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mindlyfe.identity.contract.consents import CLINIC, Purpose, Recipient, Way
from mindlyfe.identity.domain import consent, wording
from mindlyfe.identity.domain.consent import (
    Consent,
    ExpiryPast,
    Given,
    NoGuardian,
    NotGiven,
    RecipientUnclear,
    Shown,
    Withdrawn,
    WitnessNeeded,
    answer,
    give,
    standings,
    withdraw,
)
from mindlyfe.kernel.messages import PersonId, TenantId

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
ANA, DESK = PersonId(UUID(int=11)), PersonId(UUID(int=12))
PURPOSES: tuple[Purpose, ...] = ("recording", "wearables")
RECIPIENTS = (CLINIC, Recipient(kind="app", id="watch"), Recipient(kind="study", id="s1"))


def gave(
    purpose: Purpose = "recording",
    recipient: Recipient = CLINIC,
    *,
    at: datetime = NOW,
    until: datetime | None = None,
    number: int = 1,
    how: Way = "self",
    **more: Any,
) -> Given:
    return Given(
        person=ANA,
        purpose=purpose,
        recipient=recipient,
        shown=Shown(UUID(int=number), number, f"hash {number}"),
        at=at,
        by=ANA,
        how=how,
        session=UUID(int=1),
        aal=1,
        authenticated_at=NOW,
        expires_at=until,
        **more,
    )


def took(purpose: Purpose = "recording", recipient: Recipient = CLINIC, *, at: datetime = NOW) -> Withdrawn:
    return Withdrawn(person=ANA, purpose=purpose, recipient=recipient, at=at, by=ANA, how="self")


def fold(*events: consent.Change) -> Consent | None:
    state = None
    for event in events:
        state = consent.evolve(state, event)
    return state


def test_what_is_unclear_is_not_consent() -> None:
    for wish, refusal in (
        (gave(recipient=Recipient(kind="app")), RecipientUnclear),
        (gave(recipient=Recipient(kind="clinic", id="x")), RecipientUnclear),
        (gave(until=NOW), ExpiryPast),
        (gave(how="paper"), WitnessNeeded),
        (gave(how="guardian"), NoGuardian),
    ):
        with pytest.raises(refusal):
            give(None, wish)
    assert give(None, gave(how="paper", witness="Priya")) != []
    assert give(None, gave(how="guardian", guardian="Emi")) != []


def test_the_same_again_is_no_event_but_another_text_or_end_is() -> None:
    state = fold(gave())
    assert give(state, gave(at=NOW + timedelta(hours=1))) == []
    for other in (gave(number=2), gave(until=NOW + timedelta(days=1)), gave(how="paper", witness="Priya")):
        assert give(state, other) == [other]
    later = gave(at=NOW + timedelta(hours=2))
    assert give(fold(gave(), took()), later) == [later]


def test_only_what_is_given_can_be_withdrawn() -> None:
    assert withdraw(fold(gave()), took()) == [took()]
    ended = fold(gave(until=NOW + timedelta(hours=1)))
    for state, wish in (
        (None, took()),
        (fold(gave(), took()), took()),
        (fold(gave("wearables")), took()),
        (fold(gave(recipient=RECIPIENTS[1])), took()),
        (ended, took(at=NOW + timedelta(hours=2))),
    ):
        with pytest.raises(NotGiven):
            withdraw(state, wish)
    with pytest.raises(RecipientUnclear):
        withdraw(fold(gave()), took(recipient=Recipient(kind="study")))


def test_a_wording_grows_by_versions_that_are_told_apart_by_hash() -> None:
    tenant, by = TenantId(uuid4()), DESK
    [first] = wording.publish(None, tenant, "research", "en", "A", by=by, now=NOW)
    state = wording.evolve(None, first)
    assert wording.publish(state, tenant, "research", "en", "A", by=by, now=NOW) == []
    [second] = wording.publish(state, tenant, "research", "en", "B", by=by, now=NOW)
    state = wording.evolve(state, second)
    [third] = wording.publish(state, tenant, "research", "en", "A", by=by, now=NOW)
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert len({one.hash for one in (first, second, third)}) == len({one.text for one in (first, second, third)}) == 3


KEYS = st.tuples(st.sampled_from(PURPOSES), st.sampled_from(RECIPIENTS))


class Permits(RuleBasedStateMachine):
    """Gives and withdraws in any order while time passes; the model remembers until when each thing is permitted."""

    def __init__(self) -> None:
        super().__init__()
        self.state: Consent | None = None
        self.now = NOW
        self.until: dict[tuple[Purpose, Recipient], datetime] = {}

    @rule(hours=st.integers(0, 30))
    def passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(key=KEYS, hours=st.one_of(st.none(), st.integers(1, 40)), number=st.integers(1, 3))
    def gives(self, key: tuple[Purpose, Recipient], hours: int | None, number: int) -> None:
        until = self.now + timedelta(hours=hours) if hours else None
        for event in give(self.state, gave(*key, at=self.now, until=until, number=number)):
            self.state = consent.evolve(self.state, event)
        self.until[key] = until or datetime.max.replace(tzinfo=UTC)

    @rule(key=KEYS)
    def withdraws(self, key: tuple[Purpose, Recipient]) -> None:
        permitted = self.until.pop(key, self.now) > self.now
        try:
            for event in withdraw(self.state, took(*key, at=self.now)):
                self.state = consent.evolve(self.state, event)
            assert permitted
        except NotGiven:
            assert not permitted

    @invariant()
    def the_answer_is_what_the_model_says(self) -> None:
        for purpose in PURPOSES:
            for recipient in RECIPIENTS:
                said = answer(self.state, (purpose, recipient), self.now)
                assert said.given == (self.until.get((purpose, recipient), self.now) > self.now)
                assert (said.version is None) == (said.since is None) == (not said.given)

    @invariant()
    def a_withdrawal_stands_until_a_new_giving(self) -> None:
        for change in standings(self.state):
            if isinstance(change, Withdrawn):
                for later in (self.now, self.now + timedelta(days=400)):
                    assert not answer(self.state, (change.purpose, change.recipient), later).given


TestPermits = cast("Any", Permits).TestCase
TestPermits.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)


@given(hours=st.integers(-5, 60), ends=st.integers(1, 50))
def test_a_consent_counts_from_its_giving_until_before_its_end(hours: int, ends: int) -> None:
    state = fold(gave(until=NOW + timedelta(hours=ends)))
    assert answer(state, ("recording", CLINIC), NOW + timedelta(hours=hours)).given == (0 <= hours < ends)
