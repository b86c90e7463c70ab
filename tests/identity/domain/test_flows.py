"""Recoveries, changes of address, renewed passwords, invitations of patients: given, when, then."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from mindlyfe.identity.domain import account, address_change, invitation, recovery
from mindlyfe.identity.domain.refusals import (
    BirthMismatch,
    BirthMissing,
    CodeExpired,
    CodeInvalid,
    CodeUsed,
    InvitationClosed,
    RoleNotYours,
)
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import SYSTEM, PersonId, Role, TenantId
from mindlyfe.kernel.roles import PATIENT

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
ANA, BEN, HARBOUR = PersonId(UUID(int=11)), PersonId(UUID(int=12)), TenantId(UUID(int=21))
DESK: frozenset[Role] = frozenset({"reception"})
ADMIN: frozenset[Role] = frozenset({"clinic-admin"})
type Doings = tuple[Callable[[], object], ...]


def fold(evolve: Callable[[Any, Any], Any], *events: Any) -> Any:
    state = None
    for event in events:
        state = evolve(state, event)
    return state


OPENED = account.Opened(person=ANA, email="a@b.example", password="$old", organisation=HARBOUR)
CHANGED = account.PasswordChanged(password="$new", at=NOW)
MOVED = account.AddressChanged(email="a@c.example", ask=UUID(int=1), at=NOW)


def test_a_change_of_password_or_address_begins_another_epoch() -> None:
    state = fold(account.evolve, OPENED, CHANGED, MOVED)
    assert (state.password, state.email, state.epoch) == ("$new", "a@c.example", 2)
    assert account.evolve(state, account.Admitted(organisation=TenantId(UUID(int=22)))).epoch == 2


def test_what_was_made_for_an_earlier_epoch_changes_nothing() -> None:
    opened, changed = fold(account.evolve, OPENED), fold(account.evolve, OPENED, CHANGED)
    assert account.change_password(opened, CHANGED, epoch=0) == [CHANGED]
    assert account.change_password(changed, CHANGED) == [CHANGED]
    assert account.move(opened, MOVED, epoch=0) == [MOVED]
    late: Doings = (
        lambda: account.change_password(changed, CHANGED, epoch=0),
        lambda: account.move(changed, MOVED, epoch=0),
    )
    for old in late:
        with pytest.raises(CodeExpired):
            old()
    assert account.move(fold(account.evolve, OPENED, MOVED), MOVED, epoch=0) == []
    with pytest.raises(NotFound):
        account.move(None, MOVED, epoch=0)


ASKED = recovery.Asked(person=ANA, epoch=3, expires_at=NOW + recovery.LASTS)


def test_a_recovery_is_used_once_in_its_time_by_its_newest_code() -> None:
    state, ends = fold(recovery.evolve, ASKED), ASKED.expires_at
    assert recovery.sought(state, ends=ends, now=NOW) == recovery.Sought(ANA, 3)
    assert recovery.use(state, ends=ends, now=NOW) == [recovery.Used(at=NOW)]
    used = recovery.evolve(state, recovery.Used(at=NOW))
    with pytest.raises(CodeUsed):
        recovery.use(used, ends=ends, now=NOW)
    for wrong, when in ((ends, ends), (ends + timedelta(seconds=1), NOW), (None, NOW)):
        with pytest.raises(CodeExpired):
            recovery.use(state, ends=wrong, now=when)
    for nobody in (None, fold(recovery.evolve, replace(ASKED, person=None))):
        with pytest.raises(CodeInvalid):
            recovery.use(nobody, ends=ends, now=NOW)


def test_two_requests_in_one_second_have_two_codes() -> None:
    used = fold(recovery.evolve, ASKED, recovery.Used(at=NOW))
    [again] = recovery.ask(used, ASKED)
    assert isinstance(again, recovery.Asked)
    assert again.expires_at == ASKED.expires_at + timedelta(seconds=1)
    assert recovery.use(recovery.evolve(used, again), ends=again.expires_at, now=NOW)
    assert recovery.ask(None, ASKED) == [ASKED]


WISH = address_change.Asked(
    ask=UUID(int=5),
    person=ANA,
    old="a@b.example",
    new="a@c.example",
    owner=None,
    epoch=0,
    expires_at=NOW + address_change.LASTS,
)
ENDS = WISH.expires_at
PROVED, CANCELLED = address_change.Proved(at=NOW), address_change.Cancelled(at=NOW)


def test_a_change_of_address_is_proved_or_stopped_never_both() -> None:
    state = fold(address_change.evolve, WISH)
    assert address_change.prove(state, ends=ENDS, now=NOW) == [PROVED]
    assert address_change.cancel(state, ends=ENDS, now=NOW) == [CANCELLED]
    proved, stopped = (fold(address_change.evolve, WISH, end) for end in (PROVED, CANCELLED))
    assert address_change.prove(proved, ends=ENDS, now=ENDS) == []
    assert address_change.cancel(stopped, ends=ENDS, now=NOW) == []
    with pytest.raises(CodeUsed):
        address_change.cancel(proved, ends=ENDS, now=NOW)
    ended: Doings = (
        lambda: address_change.prove(stopped, ends=ENDS, now=NOW),
        lambda: address_change.prove(state, ends=ENDS, now=ENDS),
        lambda: address_change.cancel(state, ends=ENDS, now=ENDS),
    )
    for refused in ended:
        with pytest.raises(CodeExpired):
            refused()


def test_an_address_that_is_taken_is_proved_by_nobody_and_an_earlier_wish_stays_known() -> None:
    taken = fold(address_change.evolve, WISH, replace(WISH, ask=UUID(int=6), owner=BEN, expires_at=ENDS + timedelta(1)))
    for ends, refusal in ((ENDS, CodeExpired), (ENDS + timedelta(1), CodeInvalid)):
        with pytest.raises(refusal):
            address_change.prove(taken, ends=ends, now=NOW)
    assert address_change.known(taken, WISH.ask) == WISH
    for missing in (taken, None):
        with pytest.raises(NotFound):
            address_change.known(missing, UUID(int=99))
    [later] = address_change.ask(fold(address_change.evolve, WISH), WISH)
    assert isinstance(later, address_change.Asked)
    assert later.expires_at > ENDS


ISSUED = invitation.Issued(
    person=ANA,
    email="a@b.example",
    name="Ana",
    roles=PATIENT,
    expires_at=NOW + invitation.LASTS,
    date_of_birth=date(1990, 4, 2),
)


def test_reception_invites_patients_and_administrators_everybody() -> None:
    staff: frozenset[Role] = frozenset({"therapist"})
    assert invitation.invitable(PATIENT, by=DESK) == PATIENT
    assert invitation.invitable(staff, by=ADMIN) == staff
    for roles in (staff, PATIENT | staff):
        with pytest.raises(RoleNotYours):
            invitation.invitable(roles, by=DESK)
    with pytest.raises(BirthMissing):
        invitation.issue(None, replace(ISSUED, date_of_birth=None))


def test_the_last_wrong_date_of_birth_withdraws_the_invitation() -> None:
    state = fold(invitation.evolve, ISSUED)
    for _ in range(invitation.GUESSES - 1):
        [wrong] = invitation.guess(state, NOW)
        state = invitation.evolve(state, wrong)
    assert invitation.offered(state, ends=ISSUED.expires_at, now=NOW) == ISSUED
    wrong, end = invitation.guess(state, NOW)
    assert end == invitation.Withdrawn(by=SYSTEM, at=NOW)
    closed = fold(invitation.evolve, ISSUED, wrong, end)
    with pytest.raises(CodeExpired):
        invitation.offered(closed, ends=ISSUED.expires_at, now=NOW)
    assert invitation.guess(closed, NOW) == []


def test_a_patient_is_recognised_by_their_date_of_birth_and_staff_by_the_link() -> None:
    invitation.born_as(ISSUED, date(1990, 4, 2))
    invitation.born_as(replace(ISSUED, roles=frozenset({"therapist"}), date_of_birth=None), None)
    with pytest.raises(BirthMissing):
        invitation.born_as(ISSUED, None)
    with pytest.raises(BirthMismatch):
        invitation.born_as(ISSUED, date(1990, 4, 3))


def test_an_invitation_is_renewed_and_withdrawn_until_it_is_accepted() -> None:
    state, later = fold(invitation.evolve, ISSUED), NOW + timedelta(days=14)
    [renewed] = invitation.reissue(state, by=DESK, expires_at=later)
    again = invitation.evolve(state, renewed)
    assert invitation.offered(again, ends=later, now=NOW).expires_at == later
    with pytest.raises(CodeExpired):
        invitation.offered(again, ends=ISSUED.expires_at, now=NOW)
    withdrawn = fold(invitation.evolve, ISSUED, invitation.Withdrawn(by=BEN, at=NOW))
    assert invitation.withdraw(state, by=BEN, roles=DESK, now=NOW) == [invitation.Withdrawn(by=BEN, at=NOW)]
    assert invitation.withdraw(withdrawn, by=BEN, roles=DESK, now=NOW) == []
    accepted = fold(invitation.evolve, ISSUED, invitation.Accepted(by=ANA, at=NOW))
    over: Doings = (
        lambda: invitation.withdraw(accepted, by=BEN, roles=DESK, now=NOW),
        lambda: invitation.reissue(accepted, by=DESK, expires_at=later),
        lambda: invitation.reissue(withdrawn, by=DESK, expires_at=later),
    )
    for closed in over:
        with pytest.raises(InvitationClosed):
            closed()
    staff = fold(invitation.evolve, replace(ISSUED, roles=frozenset({"therapist"})))
    for hidden in (staff, None):
        with pytest.raises(NotFound):
            invitation.withdraw(hidden, by=BEN, roles=DESK, now=NOW)
