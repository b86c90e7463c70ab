"""Cedar as a second opinion: the same rules, written by hand in its language, decide thousands of cases alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any, get_args
from uuid import UUID

import cedarpy
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mindlyfe.kernel.clinical import RULES
from mindlyfe.kernel.messages import PersonId, Principal, Role, TenantId
from mindlyfe.kernel.policy import Action, DataClass, Kind, Policy, Thing, Tie, Ties
from mindlyfe.kernel.testing.principals import principal

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ACTIONS: tuple[Action, ...] = get_args(Action.__value__)
CLASSES: tuple[DataClass, ...] = get_args(DataClass.__value__)
ROLES: tuple[Role, ...] = get_args(Role.__value__)
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
TENANTS = [TenantId(UUID(int=n)) for n in (7, 8)]
PEOPLE = [PersonId(UUID(int=n)) for n in (1, 2, 3)]
POLICY = Policy(*RULES)
FOREVER = 2**60
SLOTS = ("a", "b")


def _runs(kind: str) -> str:
    slots = (f"context.ties.{kind}_{slot}" for slot in SLOTS)
    return " || ".join(f"({slot}.since <= context.now && context.now < {slot}.until)" for slot in slots)


CEDAR = Template((Path(__file__).parent / "clinical.cedar").read_text()).substitute(
    care=_runs("care"), supervision=_runs("supervision"), glass=_runs("break_glass")
)

seconds = st.sampled_from([-7201, -7200, -1, 0, 1, 7200]).map(lambda s: NOW + timedelta(seconds=s))
ties = st.builds(Tie, st.just("care"), seconds, st.none() | seconds)
things = st.builds(
    Thing,
    st.sampled_from(TENANTS),
    st.sampled_from(PEOPLE),
    st.just("logistics"),
    st.lists(st.sampled_from(PEOPLE), max_size=2).map(tuple),
)


@st.composite
def bound(draw: st.DrawFn) -> Ties:
    """At most two ties of each kind."""
    found: list[Tie] = []
    for kind in KINDS:
        found += [Tie(kind, t.since, t.until) for t in draw(st.lists(ties, max_size=len(SLOTS)))]
    consents = st.frozensets(st.sampled_from(["ai-analysis", "research"]))
    return Ties(tuple(draw(st.permutations(found))), draw(consents))


@st.composite
def askers(draw: st.DrawFn) -> Principal:
    """Mostly with one role or two, some with all."""
    roles = draw(st.frozensets(st.sampled_from(ROLES), max_size=3) | st.just(frozenset(ROLES)))
    return principal(
        *roles,
        tenant=draw(st.sampled_from([*TENANTS, TENANTS[0], TENANTS[0]])),
        person=draw(st.sampled_from(PEOPLE)),
        aal=draw(st.sampled_from([1, 2, 2])),
    )


def _moment(at: datetime | None) -> int:
    return FOREVER if at is None else int((at - NOW).total_seconds())


def _context(ties: Ties) -> dict[str, Any]:
    slots = {f"{kind.replace('-', '_')}_{s}": {"since": FOREVER, "until": 0} for kind in KINDS for s in SLOTS}
    for kind in KINDS:
        for slot, tie in zip(SLOTS, (t for t in ties.ties if t.kind == kind), strict=False):
            slots[f"{kind.replace('-', '_')}_{slot}"] = {"since": _moment(tie.since), "until": _moment(tie.until)}
    return {"now": 0, "ties": slots, "consents": sorted(ties.consents)}


def _entities(who: Principal, thing: Thing) -> list[dict[str, Any]]:
    asker = {"person": str(who.id), "tenant": str(who.tenant), "roles": sorted(who.roles), "aal": who.aal}
    entities: list[dict[str, Any]] = [{"uid": {"type": "Asker", "id": "a"}, "attrs": asker, "parents": []}]
    for kind in CLASSES:
        attrs = {"tenant": str(thing.tenant), "subject": str(thing.subject), "class": kind}
        parties = {"parties": sorted(str(one) for one in thing.parties)}
        entities.append({"uid": {"type": "Thing", "id": kind}, "attrs": attrs | parties, "parents": []})
    return entities


def by_cedar(who: Principal, thing: Thing, ties: Ties) -> dict[tuple[Action, DataClass], bool]:
    """What Cedar allows of every action on every class."""
    context = _context(ties)
    cases: list[tuple[Action, DataClass]] = [(action, kind) for action in ACTIONS for kind in CLASSES]
    asked = [
        {"principal": 'Asker::"a"', "action": f'Action::"{action}"', "resource": f'Thing::"{kind}"', "context": context}
        for action, kind in cases
    ]
    answers = cedarpy.is_authorized_batch(asked, CEDAR, _entities(who, thing))
    assert not any(answer.diagnostics.errors for answer in answers), answers[0].diagnostics.errors
    return {case: answer.allowed for case, answer in zip(cases, answers, strict=True)}


def by_us(who: Principal, thing: Thing, ties: Ties) -> dict[tuple[Action, DataClass], bool]:
    """What the policy allows of them."""
    return {
        (action, kind): POLICY.decide(
            who, action, Thing(thing.tenant, thing.subject, kind, thing.parties), ties, NOW
        ).allowed
        for action in ACTIONS
        for kind in CLASSES
    }


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(askers(), things, bound())
def test_both_decide_alike(who: Principal, thing: Thing, ties: Ties) -> None:
    """9,600 decisions: role sets, relations by date, two clinics, every action and class, both assurances."""
    ours = by_us(who, thing, ties)
    assert ours == by_cedar(who, thing, ties)
    event(f"allowed: {sum(ours.values())} of 16")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", [None, *KINDS])
@pytest.mark.parametrize("aal", [1, 2])
def test_both_decide_alike_for_each_role_and_relation(role: Role, kind: Kind | None, aal: int) -> None:
    """Every role alone × every relation, so that no rule is left to chance."""
    ties = Ties((Tie(kind, NOW, None),) if kind else (), frozenset({"ai-analysis"}))
    for asker in PEOPLE[:2]:
        for parties in ((), (PEOPLE[1],)):
            who = principal(role, tenant=TENANTS[0], person=asker, aal=aal)
            thing = Thing(TENANTS[0], PEOPLE[0], "logistics", parties)
            assert by_us(who, thing, ties) == by_cedar(who, thing, ties)
