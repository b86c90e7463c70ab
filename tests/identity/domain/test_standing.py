"""Members suspended, reinstated, gone; locked accounts: given, when, then."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from mindlyfe.identity.domain import account, care, member
from mindlyfe.identity.domain.refusals import NotInCare, NotStaff, NotYourself, RoleNotYours
from mindlyfe.identity.domain.standing import enter_register, leave, reinstate, suspend
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Role, TenantId
from mindlyfe.kernel.testing.decisions import given

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
ANA, BEN = PersonId(UUID(int=11)), PersonId(UUID(int=12))
HARBOUR, MEADOW = TenantId(UUID(int=21)), TenantId(UUID(int=22))
ADMIN: frozenset[Role] = frozenset({"clinic-admin"})


def joined(*roles: Role, person: PersonId = ANA) -> member.Joined:
    return member.Joined(
        person=person, name="Ana", roles=frozenset(roles), zone="Europe/London", locale="en-GB", at=NOW
    )


SUSPENDED = member.Suspended(person=ANA, roles=frozenset({"therapist"}), reason="Lost laptop.", at=NOW)
LEFT = member.Left(person=ANA, roles=frozenset({"therapist"}), at=NOW)
REINSTATED = member.Reinstated(person=ANA, roles=frozenset({"therapist"}), at=NOW)


def suspended_by(who: PersonId, roles: frozenset[Role] = ADMIN) -> Any:
    return lambda state: suspend(state, by=who, roles=roles, reason="Lost laptop.", now=NOW)


def reinstated_by(who: PersonId, roles: frozenset[Role] = ADMIN) -> Any:
    return lambda state: reinstate(state, by=who, roles=roles, now=NOW)


def test_a_member_is_suspended_once_and_reinstated_once() -> None:
    here = given(member.evolve, joined("therapist"))
    state = here.when(suspended_by(BEN)).then(SUSPENDED)
    assert state is not None
    assert (state.standing, state.reason) == ("suspended", "Lost laptop.")
    suspended = given(member.evolve, joined("therapist"), SUSPENDED)
    suspended.when(suspended_by(BEN)).then()
    suspended.when(reinstated_by(BEN)).then(REINSTATED)
    here.when(reinstated_by(BEN)).then()


def test_nobody_suspends_themselves_nor_an_operator_unless_they_are_one() -> None:
    here = given(member.evolve, joined("therapist"))
    here.when(suspended_by(ANA)).refused(NotYourself)
    given(member.evolve, joined("therapist"), SUSPENDED).when(reinstated_by(ANA)).refused(NotYourself)
    operator = given(member.evolve, joined("operator", "clinic-admin"))
    operator.when(suspended_by(BEN)).refused(RoleNotYours)
    assert operator.when(suspended_by(BEN, frozenset({"operator"}))).decision(operator.state)


def test_who_left_cannot_be_managed_but_may_come_back() -> None:
    here = given(member.evolve, joined("therapist"))
    here.when(lambda state: leave(state, NOW)).then(LEFT)
    gone = given(member.evolve, joined("therapist"), LEFT)
    gone.when(lambda state: leave(state, NOW)).then()
    gone.when(suspended_by(BEN)).refused(NotFound)
    gone.when(reinstated_by(BEN)).refused(NotFound)
    gone.when(lambda state: member.assign(state, frozenset({"patient"}))).refused(NotFound)
    again = gone.when(lambda state: member.join(state, joined("reception"))).then(joined("reception"))
    assert again is not None
    assert again.standing == "active"
    assert again.roles == frozenset({"reception"})
    given(member.evolve).when(lambda state: leave(state, NOW)).refused(NotFound)


def test_an_invitation_does_not_reinstate() -> None:
    suspended = given(member.evolve, joined("therapist"), SUSPENDED)
    state = suspended.when(lambda state: member.join(state, joined("therapist"))).then()
    assert state is not None
    assert state.standing == "suspended"


def test_only_staff_is_in_a_professional_register() -> None:
    entry = member.RegisterEntered(person=ANA, profession="Psychologist", licence="PYL1", valid_until=date(2027, 1, 1))
    staff = given(member.evolve, joined("therapist", "patient"))
    staff.when(lambda state: enter_register(state, entry)).then(entry)
    given(member.evolve, joined("therapist"), entry).when(lambda state: enter_register(state, entry)).then()
    given(member.evolve, joined("patient")).when(lambda state: enter_register(state, entry)).refused(NotStaff)


def test_who_is_not_active_neither_treats_nor_is_treated() -> None:
    therapist = given(member.evolve, joined("therapist")).state
    patient = given(member.evolve, joined("patient", person=BEN)).state
    care.able(patient, therapist)
    for stopped in (SUSPENDED, LEFT):
        with pytest.raises(NotInCare):
            care.able(patient, given(member.evolve, joined("therapist"), stopped).state)


OPENED = account.Opened(person=ANA, email="a@b.example", password="x", organisation=HARBOUR)
LOCKED = account.Locked(by=BEN, reason="Stolen phone.", at=NOW)


def test_an_account_is_locked_by_somebody_else_and_keeps_its_first_reason() -> None:
    opened = given(account.evolve, OPENED)
    opened.when(lambda state: account.lock(state, LOCKED)).then(LOCKED)
    locked = given(account.evolve, OPENED, LOCKED)
    later = account.Locked(by=BEN, reason="Again.", at=NOW)
    still = locked.when(lambda state: account.lock(state, later)).then()
    assert still is not None
    assert account.candidates(still, HARBOUR) == ()
    unlocked = account.Unlocked(by=BEN, at=NOW)
    locked.when(lambda state: account.unlock(state, by=BEN, now=NOW)).then(unlocked)
    opened.when(lambda state: account.unlock(state, by=BEN, now=NOW)).then()
    opened.when(lambda state: account.lock(state, account.Locked(by=ANA, reason="Me.", at=NOW))).refused(NotYourself)
    given(account.evolve).when(lambda state: account.lock(state, LOCKED)).refused(NotFound)


def test_an_account_without_an_organisation_opens_no_session() -> None:
    departed = account.Departed(organisation=HARBOUR)
    state = given(account.evolve, OPENED).when(lambda state: account.depart(state, HARBOUR)).then(departed)
    assert state is not None
    assert account.candidates(state, None) == account.candidates(state, HARBOUR) == ()
    given(account.evolve, OPENED).when(lambda state: account.depart(state, MEADOW)).then()
    back = given(account.evolve, OPENED, departed).when(lambda state: account.admit(state, HARBOUR))
    assert back.then(account.Admitted(organisation=HARBOUR)) == given(account.evolve, OPENED).state
