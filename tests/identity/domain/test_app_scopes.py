"""Scopes open what exists, and say so to the person."""

import pytest

from mindlyfe.identity.domain.app_refusals import InvalidScope
from mindlyfe.identity.domain.app_scopes import SUPPORTED, known, listed, meaning


def test_what_is_advertised_is_known_and_says_something_of_its_own() -> None:
    assert all(known(scope) for scope in SUPPORTED)
    words = [meaning(scope) for scope in SUPPORTED]
    assert len(set(words)) == len(SUPPORTED)
    assert not set(words) & set(SUPPORTED)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("patient/Appointment.r", "Open your own appointments"),
        ("patient/Appointment.s", "List your own appointments"),
        ("patient/Appointment.rs", "See your own appointments"),
        ("user/Appointment.rs", "See appointments you may see"),
        ("patient/*.rs", "See all that apps can reach, of your own data"),
        ("user/*.r", "Open all that apps can reach, of what you may see"),
    ],
)
def test_letters_and_context_are_told_apart(scope: str, words: str) -> None:
    assert meaning(scope) == words


@pytest.mark.parametrize("scope", ["admin", "", "patient/Appointment.u", "patient/Note.rs", "system/*.rs", "OPENID"])
def test_what_opens_nothing_is_unknown(scope: str) -> None:
    assert not known(scope)
    with pytest.raises(InvalidScope):
        listed(f"openid {scope}")
