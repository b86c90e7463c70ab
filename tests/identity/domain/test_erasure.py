"""From the wish to be erased to the end: given, when, then. Pure."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from mindlyfe.identity.contract.erasures import Advice, Stays
from mindlyfe.identity.domain import erasure, erasure_request
from mindlyfe.identity.domain.erasure import SETTLES, Completed, Confirmed, KeysDestroyed, Ordered, Prepared
from mindlyfe.identity.domain.erasure_request import (
    Asked,
    ErasureNotAsked,
    ErasureRuns,
    Granted,
    HoldLifted,
    HoldSet,
    LegalHold,
    NotHeld,
    OwnCase,
    Refused,
    RetentionForbids,
    Withdrawn,
    ask,
    grant,
    hold,
    lift,
    refuse,
    withdraw,
)
from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.kernel.testing.decisions import given

PAT, TOM = PersonId(UUID(int=7)), PersonId(UUID(int=8))
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
FREE = Advice(jurisdiction="GB-ENG", must_stay=[], may_go=["identity", "therapy"], possible_on=None, made_at=NOW)
STAYS = Stays(
    context="therapy", records="clinical", count=2, latest=NOW, until=date(2046, 6, 1), because="20 years after …"
)
BOUND = Advice(jurisdiction="GB-ENG", must_stay=[STAYS], may_go=["identity"], possible_on=date(2046, 6, 1), made_at=NOW)
ASKED, FREELY = Asked(person=PAT, advice=BOUND, at=NOW), Asked(person=PAT, advice=FREE, at=NOW)
HELD = HoldSet(person=PAT, by=TOM, reason="A claim before the court", at=NOW)
LIFTED = HoldLifted(person=PAT, by=TOM, reason="Settled", at=NOW)
GRANTED = Granted(person=PAT, by=TOM, reason="ok", at=NOW)
AT_ONCE = Granted(person=PAT, by=SYSTEM, reason="No law wants anything of this account kept.", at=NOW)
case, erasing = erasure_request.evolve, erasure.evolve


def test_without_records_it_goes_at_once() -> None:
    given(case).when(lambda s: ask(s, FREELY, at_once=True)).then(FREELY, AT_ONCE)
    given(case).when(lambda s: ask(s, FREELY, at_once=False)).then(FREELY)
    given(case, FREELY, AT_ONCE).when(lambda s: ask(s, FREELY, at_once=True)).then()


def test_with_records_it_waits_for_the_privacy_officer() -> None:
    given(case).when(lambda s: ask(s, ASKED, at_once=True)).then(ASKED)
    waiting = given(case, ASKED)
    waiting.when(lambda s: ask(s, ASKED, at_once=True)).then()
    waiting.when(lambda s: grant(s, by=TOM, reason="ok", advice=BOUND, now=NOW)).refused(RetentionForbids)
    waiting.when(lambda s: grant(s, by=TOM, reason="ok", advice=FREE, now=NOW)).then(GRANTED)
    refused = Refused(person=PAT, by=TOM, reason="The law", possible_on=date(2046, 6, 1), at=NOW)
    state = waiting.when(lambda s: refuse(s, by=TOM, reason="The law", advice=BOUND, now=NOW)).then(refused)
    assert state is not None
    assert (state.status, state.reason, state.possible_on) == ("refused", "The law", date(2046, 6, 1))
    given(case, ASKED, refused).when(lambda s: ask(s, ASKED, at_once=True)).then(ASKED)


def test_nobody_decides_for_themselves_and_nothing_is_decided_twice() -> None:
    waiting = given(case, ASKED)
    waiting.when(lambda s: grant(s, by=PAT, reason="", advice=FREE, now=NOW)).refused(OwnCase)
    waiting.when(lambda s: refuse(s, by=PAT, reason="", advice=BOUND, now=NOW)).refused(OwnCase)
    for events in ((), (ASKED, GRANTED), (ASKED, Withdrawn(person=PAT, at=NOW))):
        done = given(case, *events)
        done.when(lambda s: grant(s, by=TOM, reason="", advice=FREE, now=NOW)).refused(ErasureNotAsked)
        done.when(lambda s: refuse(s, by=TOM, reason="", advice=BOUND, now=NOW)).refused(ErasureNotAsked)


def test_a_hold_stops_it_until_it_is_lifted() -> None:
    held = given(case, HELD)
    held.when(lambda s: hold(s, HELD)).then()
    held.when(lambda s: ask(s, FREELY, at_once=True)).then(FREELY)
    given(case, HELD, FREELY).when(lambda s: grant(s, by=TOM, reason="ok", advice=FREE, now=NOW)).refused(LegalHold)
    held.when(lambda s: lift(s, by=PAT, reason="Settled", now=NOW)).refused(OwnCase)
    given(case).when(lambda s: lift(s, by=TOM, reason="Settled", now=NOW)).refused(NotHeld)
    given(case).when(lambda s: hold(s, HoldSet(person=PAT, by=PAT, reason="-", at=NOW))).refused(OwnCase)
    held.when(lambda s: lift(s, by=TOM, reason="Settled", now=NOW)).then(LIFTED)
    freed = given(case, HELD, FREELY, LIFTED)
    freed.when(lambda s: grant(s, by=TOM, reason="ok", advice=FREE, now=NOW)).then(GRANTED)
    given(case, ASKED, GRANTED).when(lambda s: hold(s, HELD)).refused(ErasureRuns)


def test_it_is_withdrawn_while_it_waits() -> None:
    given(case, ASKED).when(lambda s: withdraw(s, NOW)).then(Withdrawn(person=PAT, at=NOW))
    given(case).when(lambda s: withdraw(s, NOW)).refused(ErasureNotAsked)
    given(case, ASKED, GRANTED).when(lambda s: withdraw(s, NOW)).refused(ErasureRuns)


ORDER = Ordered(person=PAT, contexts=("identity", "therapy"), at=NOW)
READY = Prepared(person=PAT, region=True, namesakes=(TOM,))
DONE = (Confirmed(person=PAT, context="identity"), Confirmed(person=PAT, context="therapy"))
GONE = KeysDestroyed(person=PAT, region=True, at=NOW)


def test_the_keys_go_after_every_context_and_the_end_comes_after_the_keys() -> None:
    late = NOW + SETTLES
    given(erasing).when(lambda s: erasure.order(s, ORDER)).then(ORDER)
    ordered = given(erasing, ORDER)
    ordered.when(lambda s: erasure.order(s, ORDER)).then()
    ordered.when(lambda s: erasure.confirm(s, "identity")).then()
    ordered.when(lambda s: erasure.prepared(s, region=True, namesakes=(TOM,))).then(READY)
    given(erasing, ORDER, READY).when(lambda s: erasure.prepared(s, region=False, namesakes=())).then()
    half = given(erasing, ORDER, READY, DONE[0])
    half.when(lambda s: erasure.keys_destroyed(s, NOW)).then()
    half.when(lambda s: erasure.confirm(s, "identity")).then()
    half.when(lambda s: erasure.confirm(s, "a stranger")).then()
    half.when(lambda s: erasure.confirm(s, "therapy")).then(DONE[1])
    all_ = given(erasing, ORDER, READY, *DONE)
    all_.when(lambda s: erasure.complete(s, late)).then()
    all_.when(lambda s: erasure.keys_destroyed(s, NOW)).then(GONE)
    gone = given(erasing, ORDER, READY, *DONE, GONE)
    gone.when(lambda s: erasure.keys_destroyed(s, late)).then()
    gone.when(lambda s: erasure.complete(s, late - timedelta(seconds=1))).then()
    end = gone.when(lambda s: erasure.complete(s, late)).then(Completed(person=PAT, at=late))
    assert end is not None
    assert (end.persons, end.awaited, erasure.complete(end, late)) == ((PAT, TOM), (), [])
