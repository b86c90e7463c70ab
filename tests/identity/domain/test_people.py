"""Registrations, accounts, members, invitations, care, organisations, set-up: given, when, then."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from mindlyfe.identity.domain import account, care, invitation, member, organisation, registration, setup
from mindlyfe.identity.domain.refusals import (
    CareEnded,
    CareRuns,
    CodeExpired,
    CodeInvalid,
    CodeUsed,
    NotInCare,
    RoleNotYours,
)
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Role, TenantId

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
ANA, BEN = PersonId(UUID(int=11)), PersonId(UUID(int=12))
HARBOUR, MEADOW = TenantId(UUID(int=21)), TenantId(UUID(int=22))
LINK = UUID(int=31)


def fold(evolve: Callable[[Any, Any], Any], *events: Any) -> Any:
    state = None
    for event in events:
        state = evolve(state, event)
    return state


STARTED = registration.Started(
    person=ANA,
    email="a@b.example",
    password="$argon2id$",
    name="Ana",
    date_of_birth=date(1990, 4, 2),
    zone="Europe/London",
    locale="en-GB",
    expires_at=NOW + registration.LASTS,
)


def test_a_registration_is_confirmed_once_and_stays_so_after_its_end() -> None:
    open_ = fold(registration.evolve, STARTED)
    assert registration.confirm(open_, NOW) == [registration.Confirmed()]
    confirmed = fold(registration.evolve, STARTED, registration.Confirmed())
    assert registration.confirm(confirmed, NOW + timedelta(days=9)) == []
    assert registration.start(open_, STARTED) == []


def test_a_registration_expires_and_a_repeated_one_has_no_code() -> None:
    with pytest.raises(CodeExpired):
        registration.confirm(fold(registration.evolve, STARTED), NOW + registration.LASTS)
    repeated = fold(registration.evolve, registration.Repeated(person=BEN, owner=ANA))
    for state in (repeated, None):
        with pytest.raises(CodeInvalid):
            registration.wished(state, NOW)


def test_an_account_belongs_to_more_organisations_and_opens_once() -> None:
    opened = account.Opened(person=ANA, email="a@b.example", password="x", organisation=HARBOUR)
    state = fold(account.evolve, opened)
    assert account.open_account(None, opened) == [opened]
    assert account.open_account(state, opened) == []
    assert account.admit(state, MEADOW) == [account.Admitted(organisation=MEADOW)]
    both = fold(account.evolve, opened, account.Admitted(organisation=MEADOW))
    assert account.candidates(both, None) == (HARBOUR, MEADOW)
    assert account.candidates(both, MEADOW) == (MEADOW,)
    assert account.candidates(state, MEADOW) == ()
    with pytest.raises(NotFound):
        account.admit(None, MEADOW)


def joined(person: PersonId, *roles: Role) -> member.Joined:
    return member.Joined(person=person, name="A", roles=frozenset(roles), zone="Europe/London", locale="en-GB", at=NOW)


def test_a_member_who_joins_again_only_gets_the_roles_they_lack() -> None:
    patient = fold(member.evolve, joined(ANA, "patient"))
    both: frozenset[Role] = frozenset({"patient", "reception"})
    change = member.RolesChanged(person=ANA, roles=both, was=frozenset({"patient"}))
    assert member.join(patient, joined(ANA, "reception")) == [change]
    assert member.join(member.evolve(patient, change), joined(ANA, "patient")) == []
    with pytest.raises(NotFound):
        member.assign(None, both)


def test_a_profile_that_stays_the_same_is_no_event() -> None:
    state = fold(member.evolve, joined(ANA, "patient"))
    same = member.ProfileChanged(person=ANA, name="A", zone="Europe/London", locale="en-GB", pronouns="")
    other = member.ProfileChanged(person=ANA, name="Ana", zone="Asia/Kathmandu", locale="ne", pronouns="she/her")
    assert member.describe(state, same) == []
    assert member.describe(state, other) == [other]
    assert member.evolve(state, other).zone == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("roles", "by", "was"),
    [
        ({"service"}, {"clinic-admin", "operator"}, set()),
        ({"operator"}, {"clinic-admin"}, set()),
        ({"therapist"}, {"clinic-admin"}, {"therapist", "operator"}),
    ],
)
def test_nobody_gives_or_takes_roles_beyond_their_own(roles: set[Role], by: set[Role], was: set[Role]) -> None:
    with pytest.raises(RoleNotYours):
        member.givable(frozenset(roles), by=frozenset(by), kept=frozenset(was))


def test_an_administrator_gives_the_roles_of_a_clinic_and_an_operator_their_own() -> None:
    clinic: frozenset[Role] = frozenset({"patient", "therapist", "supervisor", "reception", "clinic-admin"})
    assert member.givable(clinic, by=frozenset({"clinic-admin"})) == clinic
    operator: frozenset[Role] = frozenset({"operator"})
    assert member.givable(operator, by=operator | clinic) == operator
    assert member.givable(operator | clinic, by=frozenset({"clinic-admin"}), kept=operator) == operator | clinic


def test_an_invitation_is_accepted_once_within_its_time() -> None:
    issued = invitation.Issued(
        person=ANA, email="a@b.example", name="A", roles=frozenset({"therapist"}), expires_at=NOW + invitation.LASTS
    )
    state = fold(invitation.evolve, issued)
    assert invitation.accept(state, by=BEN, now=NOW) == [invitation.Accepted(by=BEN, at=NOW)]
    accepted = fold(invitation.evolve, issued, invitation.Accepted(by=BEN, at=NOW))
    assert invitation.accept(accepted, by=BEN, now=NOW + timedelta(days=30)) == []
    assert invitation.issue(state, issued) == []
    with pytest.raises(CodeExpired):
        invitation.offered(state, ends=issued.expires_at, now=issued.expires_at)
    with pytest.raises(CodeInvalid):
        invitation.offered(None, ends=None, now=NOW)


BEGAN = care.Started(care=LINK, patient=ANA, clinician=BEN, since=NOW)


def test_care_begins_once_and_ends_once() -> None:
    state = fold(care.evolve, BEGAN)
    assert care.start(None, BEGAN, NOW) == [BEGAN]
    assert care.start(state, BEGAN, NOW) == []
    with pytest.raises(CareRuns):
        care.start(state, care.Started(care=LINK, patient=BEN, clinician=ANA, since=NOW), NOW)
    desk: frozenset[Role] = frozenset({"reception"})
    [ended] = care.end(state, by=PersonId(UUID(int=99)), roles=desk, now=NOW)
    over = care.evolve(state, ended)
    assert over.until == NOW
    with pytest.raises(CareEnded):
        care.end(over, by=BEN, roles=desk, now=NOW)
    with pytest.raises(CareEnded):
        care.start(over, BEGAN, NOW)


def test_a_clinician_ends_their_own_care_and_another_does_not_see_it() -> None:
    therapist: frozenset[Role] = frozenset({"therapist"})
    state = fold(care.evolve, BEGAN)
    assert care.end(state, by=BEN, roles=therapist, now=NOW)
    for missing, who in ((state, PersonId(UUID(int=99))), (None, BEN)):
        with pytest.raises(NotFound):
            care.end(missing, by=who, roles=therapist, now=NOW)


@pytest.mark.parametrize(
    ("patient", "clinician"),
    [
        (None, joined(BEN, "therapist")),
        (joined(ANA, "patient"), None),
        (joined(ANA, "reception"), joined(BEN, "therapist")),
        (joined(ANA, "patient"), joined(BEN, "clinic-admin")),
        (joined(ANA, "patient", "therapist"), joined(ANA, "patient", "therapist")),
    ],
)
def test_care_needs_a_patient_and_a_clinician(patient: member.Joined | None, clinician: member.Joined | None) -> None:
    members = [member.evolve(None, one) if one else None for one in (patient, clinician)]
    with pytest.raises(NotInCare):
        care.able(*members)


FOUNDED = organisation.Founded(name="Harbour", zone="Europe/London", locale="en-GB", region="eu")


def test_registration_is_closed_until_a_link_is_opened_and_after_it_is_closed() -> None:
    closed = fold(organisation.evolve, FOUNDED)
    opened = fold(organisation.evolve, FOUNDED, organisation.LinkOpened(link=LINK))
    assert organisation.joinable(opened, LINK).name == "Harbour"
    assert organisation.open_link(opened, LINK) == []
    assert organisation.close_link(opened, LINK) == [organisation.LinkClosed(link=LINK)]
    again = fold(organisation.evolve, FOUNDED, organisation.LinkOpened(link=LINK), organisation.LinkClosed(link=LINK))
    for state in (None, closed, again):
        with pytest.raises(CodeExpired):
            organisation.joinable(state, LINK)
    with pytest.raises(NotFound):
        organisation.close_link(again, LINK)
    assert organisation.found(closed, FOUNDED) == []


def test_a_setup_link_is_offered_again_goes_on_where_it_broke_off_and_ends() -> None:
    [offered] = setup.offer(None, NOW)
    state = fold(setup.evolve, offered)
    assert setup.offer(state, NOW + timedelta(hours=11)) == []
    [later] = setup.offer(state, NOW + timedelta(hours=13))
    assert fold(setup.evolve, offered, later).expires_at == NOW + timedelta(hours=37)
    begun = setup.Begun(organisation=HARBOUR, administrator=ANA)
    assert setup.begin(state, begun, NOW) == [begun]
    going = fold(setup.evolve, offered, begun)
    assert setup.begin(going, setup.Begun(organisation=MEADOW, administrator=BEN), NOW) == []
    done = fold(setup.evolve, offered, begun, setup.Done())
    assert setup.finish(going) == [setup.Done()]
    assert setup.finish(done) == []
    refusals: Sequence[tuple[Any, datetime, type[Exception]]] = (
        (None, NOW, CodeInvalid),
        (done, NOW, CodeUsed),
        (state, NOW + setup.LASTS, CodeExpired),
    )
    for wrong, when, refusal in refusals:
        with pytest.raises(refusal):
            setup.begin(wrong, begun, when)
    with pytest.raises(CodeUsed):
        setup.offer(done, NOW)
