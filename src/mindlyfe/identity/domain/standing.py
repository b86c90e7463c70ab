"""Where a member stands: active, suspended, gone; and what their professional register says."""

from collections.abc import Sequence
from datetime import datetime

from mindlyfe.identity.domain.member import (
    Change,
    Left,
    Member,
    RegisterEntered,
    Reinstated,
    Suspended,
    belonging,
)
from mindlyfe.identity.domain.refusals import NotStaff, NotYourself, RoleNotYours
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.roles import PATIENT


def suspend(
    state: Member | None, *, by: PersonId, roles: frozenset[Role], reason: str, now: datetime
) -> Sequence[Change]:
    """Let the member do nothing here; a suspended one stays so, with the first reason.

    `roles` are those of `by`. Raises NotFound, NotYourself, RoleNotYours for an operator, whom only operators suspend.
    """
    member = another(state, by, roles)
    if member.standing == "suspended":
        return []
    return [Suspended(person=member.person, roles=member.roles, reason=reason, at=now)]


def reinstate(state: Member | None, *, by: PersonId, roles: frozenset[Role], now: datetime) -> Sequence[Change]:
    """Let the member do again what their roles allow. Raises NotFound, NotYourself, RoleNotYours."""
    member = another(state, by, roles)
    if member.standing == "active":
        return []
    return [Reinstated(person=member.person, roles=member.roles, at=now)]


def leave(state: Member | None, now: datetime) -> Sequence[Change]:
    """End the membership; who left already has left. Raises NotFound."""
    if state is not None and state.standing == "left":
        return []
    member = belonging(state)
    return [Left(person=member.person, roles=member.roles, at=now)]


def become(state: Member | None, survivor: PersonId, now: datetime) -> Sequence[Change]:
    """End the membership for that of the same patient's other account; who left meanwhile, too. Again, nothing."""
    if state is None or state.merged_into is not None:
        return []
    return [Left(person=state.person, roles=state.roles, at=now, into=survivor)]


def enter_register(state: Member | None, entry: RegisterEntered) -> Sequence[Change]:
    """Replace the entry of a member of staff. Raises NotFound, NotStaff."""
    member = belonging(state)
    if not member.roles - PATIENT:
        raise NotStaff
    return [] if member.register == entry else [entry]


def another(state: Member | None, by: PersonId, roles: frozenset[Role]) -> Member:
    """A member whom `by`, who has these roles, may manage. Raises NotFound, NotYourself, RoleNotYours."""
    member = belonging(state)
    if member.person == by:
        raise NotYourself
    if "operator" in member.roles - roles:
        raise RoleNotYours
    return member
