"""What an app asks: which requests are in order, whose sign-in is enough, and who need not be shown a page."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.domain.app import App, Kind
from mindlyfe.identity.domain.app_refusals import (
    ConsentRequired,
    InteractionRequired,
    InvalidRequest,
    InvalidScope,
    LoginRequired,
    RequestNotSupported,
    UnsupportedResponseType,
)
from mindlyfe.identity.domain.app_request import AppRequest, checked, strong_enough, unattended
from mindlyfe.kernel.errors import AssuranceTooLow, OAuthRefusal, SignInTooOld

NOW, CLIENT, BACK = datetime(2026, 6, 1, 6, tzinfo=UTC), UUID(int=1), "https://diary.example/signed-in"


@dataclass(frozen=True)
class Asked:
    """The parameters of a request that is in order, unless a test says otherwise."""

    response_type: str | None = "code"
    response_mode: str | None = None
    request: str | None = None
    scope: str | None = "openid"
    state: str | None = "s"
    nonce: str | None = "n"
    code_challenge: str | None = "c" * 43
    code_challenge_method: str | None = "S256"
    prompt: str | None = None
    max_age: str | None = None
    acr_values: str | None = None


def app(kind: Kind = "confidential") -> App:
    return App(name="Diary", kind=kind, redirect_uris=(BACK,), scopes=("openid", "email", "patient/*.rs"))


def request(**parameters: Any) -> AppRequest:
    return checked(Asked(**parameters), CLIENT, app(), BACK, NOW)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"request": "e30.e30."}, RequestNotSupported),
        ({"response_type": "token"}, UnsupportedResponseType),
        ({"response_mode": "form_post"}, InvalidRequest),
        ({"code_challenge": None}, InvalidRequest),
        ({"code_challenge": "c" * 42}, InvalidRequest),
        ({"code_challenge_method": "plain"}, InvalidRequest),
        ({"scope": ""}, InvalidScope),
        ({"scope": "openid  email"}, InvalidScope),
        ({"scope": "profile"}, InvalidScope),
        ({"scope": "user/Appointment.rs"}, InvalidScope),
        ({"prompt": "none consent"}, InvalidRequest),
        ({"prompt": "create"}, InvalidRequest),
        ({"max_age": "-1"}, InvalidRequest),
        ({"max_age": "9999999999"}, InvalidRequest),
    ],
)
def test_what_is_not_in_order_is_refused_in_the_words_of_oauth(
    wrong: dict[str, str | None], refusal: type[OAuthRefusal]
) -> None:
    with pytest.raises(refusal):
        request(**wrong)


def test_each_scope_counts_once_and_may_be_narrower_than_the_apps() -> None:
    assert request(scope="email patient/Slot.s email").scopes == ("email", "patient/Slot.s")


@pytest.mark.parametrize(
    ("asked", "aal"), [(None, 1), ("", 1), ("aal1", 1), ("aal2", 2), ("aal2 aal1", 1), ("gold", 1), ("gold aal2", 2)]
)
def test_the_least_of_the_assurances_that_do_is_asked_for(asked: str | None, aal: int) -> None:
    assert request(acr_values=asked).aal == aal


def proved(asked: AppRequest, *, before: float, aal: int = 1, waits: float = 0) -> None:
    """Somebody who signed in so many seconds before the app asked answers so many after."""
    strong_enough(asked, aal=aal, authenticated_at=NOW - timedelta(seconds=before), now=NOW + timedelta(seconds=waits))


def test_assurance_is_needed_as_asked() -> None:
    with pytest.raises(AssuranceTooLow):
        proved(request(acr_values="aal2"), before=-1)
    proved(request(acr_values="aal2"), before=100, aal=2)


def test_a_sign_in_may_be_as_old_as_the_app_says_counted_until_the_answer() -> None:
    proved(request(max_age="60"), before=60)
    with pytest.raises(SignInTooOld):
        proved(request(max_age="60"), before=61)
    with pytest.raises(SignInTooOld):
        proved(request(max_age="60"), before=40, waits=21)
    with pytest.raises(SignInTooOld):
        proved(request(prompt="login"), before=1)


@given(
    max_age=st.one_of(st.none(), st.integers(0, 10**9 - 1)),
    login=st.booleans(),
    after=st.floats(0, 500),
    waits=st.floats(0, 100),
)
def test_nobody_is_sent_in_circles(max_age: int | None, login: bool, after: float, waits: float) -> None:
    """Whatever the app asks for, a proof after it asked is enough."""
    asked = request(max_age=None if max_age is None else str(max_age), prompt="login" if login else None)
    proved(asked, before=-after, waits=after + waits)


@pytest.mark.parametrize(
    ("parameters", "kind", "allowed", "refusal"),
    [
        ({}, "confidential", True, None),
        ({}, "confidential", False, ConsentRequired),
        ({}, "public", True, InteractionRequired),
        ({}, "public", False, ConsentRequired),
        ({"max_age": "9"}, "confidential", True, LoginRequired),
        ({"acr_values": "aal2"}, "confidential", True, InteractionRequired),
    ],
)
def test_who_need_not_be_shown_a_page(
    parameters: dict[str, str], kind: Kind, allowed: bool, refusal: type[OAuthRefusal] | None
) -> None:
    asked = request(prompt="none", **parameters)
    assert asked.silent

    def answer() -> None:
        unattended(asked, app(kind), allowed=allowed, aal=1, authenticated_at=NOW - timedelta(seconds=10), now=NOW)

    if refusal is None:
        answer()
    else:
        with pytest.raises(refusal):
            answer()


def test_some_apps_want_the_page_seen() -> None:
    wants = {prompt: request(prompt=prompt).attended for prompt in ("none", "login", "consent", "select_account")}
    assert wants == {"none": False, "login": False, "consent": True, "select_account": True}
