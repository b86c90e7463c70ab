"""Scopes of apps: what opens a route, whose roles count then, and that a narrower token never gains."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.scopes import access, counted, covered

BOTH: frozenset[Role] = frozenset({"patient", "therapist"})
OWN: frozenset[Role] = frozenset({"patient"})
NOBODY: frozenset[Role] = frozenset()

LETTERS = st.sets(st.sampled_from("cruds"), min_size=1).map(lambda some: "".join(x for x in "cruds" if x in some))
RESOURCES = st.sampled_from(["Appointment", "Slot", "Patient"])
WORDS = st.sampled_from(["openid", "profile", "email", "offline_access", "launch/patient"])
DATA = st.builds("{}/{}.{}".format, st.sampled_from(["patient", "user"]), RESOURCES | st.just("*"), LETTERS)
SCOPE = WORDS | DATA
HELD = st.frozensets(SCOPE, max_size=6)
NEEDED = WORDS | st.builds("{}.{}".format, RESOURCES, LETTERS)
ROLES = st.frozensets(st.sampled_from(get_args(Role.__value__)))


@pytest.mark.parametrize(
    ("needed", "held", "roles"),
    [
        ("Appointment.r", {"user/Appointment.rs"}, BOTH),
        ("Appointment.r", {"patient/Appointment.rs"}, OWN),
        ("Appointment.rs", {"patient/Appointment.r", "patient/*.s"}, OWN),
        ("Appointment.rs", {"patient/Appointment.r", "user/Appointment.s"}, NOBODY),
        ("Appointment.r", {"patient/*.cruds", "user/*.r"}, BOTH),
        ("Appointment.u", {"user/*.rs"}, NOBODY),
        ("Appointment.r", {"user/Slot.r", "openid"}, NOBODY),
        ("Appointment.r", {"user/Appointment.sr"}, NOBODY),
        ("Appointment.r", {"user/Appointment.read"}, NOBODY),
        ("Appointment.r", {"user/Appointment."}, NOBODY),
        ("Appointment.r", {"system/Appointment.r"}, NOBODY),
        ("Appointment.r", {"Appointment.r"}, NOBODY),
        ("profile", {"profile"}, BOTH),
        ("profile", {"openid", "user/*.cruds"}, NOBODY),
        (None, {"openid", "user/*.cruds"}, NOBODY),
    ],
)
def test_what_a_scope_opens_and_for_whom(needed: str | None, held: set[str], roles: frozenset[Role]) -> None:
    assert counted(needed, held, BOTH) == roles


@pytest.mark.parametrize(
    ("scope", "held", "has"),
    [
        ("patient/Appointment.r", {"patient/Appointment.rs"}, True),
        ("patient/Appointment.r", {"patient/*.rs"}, True),
        ("patient/*.r", {"patient/Appointment.rs", "patient/Slot.rs"}, False),
        ("user/Appointment.r", {"patient/Appointment.rs"}, False),
        ("patient/Appointment.cr", {"patient/*.r"}, False),
        ("openid", {"openid"}, True),
        ("offline_access", {"openid", "user/*.cruds"}, False),
    ],
)
def test_a_wider_scope_covers_a_narrower_one(scope: str, held: set[str], has: bool) -> None:
    assert covered(scope, held) is has


@given(needed=NEEDED, held=HELD, more=HELD, roles=ROLES)
def test_more_scopes_never_open_less(
    needed: str, held: frozenset[str], more: frozenset[str], roles: frozenset[Role]
) -> None:
    assert counted(needed, held, roles) <= counted(needed, held | more, roles) <= roles


@given(needed=NEEDED, held=HELD, asked=st.lists(SCOPE, max_size=6), roles=ROLES)
def test_a_narrower_token_never_gains(
    needed: str, held: frozenset[str], asked: list[str], roles: frozenset[Role]
) -> None:
    narrower = {scope for scope in asked if covered(scope, held)}
    assert counted(needed, narrower, roles) <= counted(needed, held, roles)


@given(needed=NEEDED, held=HELD, roles=ROLES)
def test_what_is_for_a_patient_gives_no_other_role(needed: str, held: frozenset[str], roles: frozenset[Role]) -> None:
    own = {scope for scope in held if scope.startswith("patient/")}
    assert counted(needed, own, roles) <= {"patient"}


@given(scope=DATA)
def test_every_scope_of_this_form_is_read(scope: str) -> None:
    one = access(scope)
    assert one is not None
    assert scope == f"{one.context}/{one.resource}.{''.join(x for x in 'cruds' if x in one.letters)}"
