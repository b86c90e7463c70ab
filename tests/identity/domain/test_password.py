"""Which passwords are refused."""

import pytest

from mindlyfe.identity.adapters.common import LISTS, common_passwords, listed
from mindlyfe.identity.domain.password import LONGEST, SHORTEST, accepted
from mindlyfe.identity.domain.refusals import WeakPassword

COMMON = common_passwords()


def check(password: str) -> str:
    return accepted(password, common=COMMON, email="amina.khalil@harbour.example", name="Amina Khalil")


@pytest.mark.parametrize(
    "password",
    [
        "umbrella-tortoise-lagoon",
        "correct horse battery",
        "x8#kQ2!pLm9z",
        "ÄpfelÜberÖfen",
        "12 Blaue Pferde",
        "k" * 3 + "Xw-47hq2LpZ",
    ],
)
def test_long_and_uncommon_ones_are_accepted(password: str) -> None:
    assert check(password)


@pytest.mark.parametrize(
    "password",
    [
        "short-one",
        "x" * (LONGEST + 1),
        "aaaaaaaaaaaa",
        "abababababab",
        "passwordpassword",
        "password1234!",
        "1234567890123456",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "!!iloveyou!!",
        "aminakhalil1",
        "Harbour12345",
        "khalil-amina-1",
    ],
)
def test_short_long_common_repeated_and_telling_ones_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check(password)
    assert password not in str(refused.value)


def test_the_same_characters_however_composed_are_the_same_password() -> None:
    assert check("cafe\u0301 umbrella tortoise") == check("café umbrella tortoise")


def test_the_shipped_list_is_in_lower_case_and_holds_what_everybody_uses() -> None:
    assert len(COMMON) > 10_000
    assert {"password", "qwerty", "123456789"} <= COMMON
    assert all(one == one.casefold() for one in list(COMMON)[:1000])
    assert SHORTEST == 12


def test_asvs_6_2_4_6_2_12_the_3000_most_common_passwords_of_our_length_are_refused() -> None:
    long = [one for one in dict.fromkeys(listed(LISTS[1])) if len(one) >= SHORTEST]
    assert len(long) >= 3000
    for password in long:
        for spelled in (password, password.upper()):
            with pytest.raises(WeakPassword):
                check(spelled)
