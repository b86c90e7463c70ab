"""Codes and refresh tokens: only what we made is read, and only for its purpose."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.domain import refresh_token
from mindlyfe.identity.domain.codes import Purpose, Ticket, in_time, read, written
from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid, SessionEnded
from mindlyfe.kernel.messages import TenantId

SECRET = bytes(32)
EXPIRES = datetime(2026, 6, 2, 6, tzinfo=UTC)
TENANT, FLOW = TenantId(UUID(int=7)), UUID(int=8)
PURPOSES: tuple[Purpose, ...] = ("verification", "invitation", "registration-link", "setup")


def mac(purpose: str, data: bytes) -> bytes:
    return hmac.digest(SECRET, purpose.encode() + b"\0" + data, hashlib.sha256)


def ticket(purpose: Purpose = "verification", expires_at: datetime | None = EXPIRES) -> Ticket:
    return Ticket(purpose=purpose, tenant=TENANT, id=FLOW, expires_at=expires_at)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("expires_at", [EXPIRES, None])
def test_a_code_is_the_same_each_time_and_says_what_it_stands_for(
    purpose: Purpose, expires_at: datetime | None
) -> None:
    code = written(ticket(purpose, expires_at), mac)
    assert code == written(ticket(purpose, expires_at), mac)
    assert read(purpose, code, mac) == ticket(purpose, expires_at)


@pytest.mark.parametrize("purpose", [one for one in PURPOSES if one != "verification"])
def test_a_code_for_one_purpose_is_none_for_another(purpose: Purpose) -> None:
    with pytest.raises(CodeInvalid):
        read(purpose, written(ticket(), mac), mac)


@given(st.integers(0, 96), st.sampled_from("ABCxyz019_-."))
def test_a_changed_code_is_refused_or_the_same(place: int, letter: str) -> None:
    code = written(ticket(), mac)
    place %= len(code)
    changed = code[:place] + letter + code[place + 1 :]
    try:
        assert read("verification", changed, mac) == ticket()
    except CodeInvalid:
        assert changed != code


@given(st.text(max_size=200))
def test_whatever_somebody_types_is_refused_politely(text: str) -> None:
    with pytest.raises(CodeInvalid):
        read("verification", text, mac)
    with pytest.raises(SessionEnded):
        refresh_token.presented(text, mac)


def test_a_code_ends_at_its_moment() -> None:
    assert in_time(ticket(), EXPIRES - timedelta(seconds=1)) == ticket()
    with pytest.raises(CodeExpired):
        in_time(ticket(), EXPIRES)
    assert in_time(ticket(expires_at=None), EXPIRES)


def test_a_refresh_token_names_its_session_and_only_its_hash_is_kept() -> None:
    made = refresh_token.made(FLOW, bytes(range(32)), mac)
    shown = refresh_token.presented(made.text, mac)
    assert shown == made
    assert shown.session == FLOW
    assert made.hash not in made.text.encode()
    with pytest.raises(ValueError, match="32"):
        refresh_token.made(FLOW, b"few", mac)
    with pytest.raises(SessionEnded):
        refresh_token.presented(made.text, lambda purpose, data: mac(purpose, data)[::-1])
