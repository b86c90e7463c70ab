"""Codes of authenticator apps, and backup codes: what they look like and how long they live."""

import hmac
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.domain.backup_codes import CODE_BYTES, digest, spelled
from mindlyfe.identity.domain.totp import PERIOD_S, address, code_of, matching, step_of
from mindlyfe.kernel.messages import PersonId

ANA = PersonId(UUID(int=11))
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def mac(purpose: str, data: bytes) -> bytes:
    return hmac.digest(b"key", purpose.encode() + data, "sha256")


def test_rfc_6238_test_vectors() -> None:
    """Appendix B, SHA-1, cut to six digits."""
    for seconds, expected in ((59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")):
        assert code_of(SECRET, seconds // PERIOD_S) == expected


@given(st.integers(1_000_000_000, 4_000_000_000), st.integers(-3, 3))
def test_asvs_6_5_5_a_code_lives_ninety_seconds(seconds: int, ahead: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    step = step_of(now) + ahead
    assert matching(SECRET, code_of(SECRET, step), now=now, after=-1) == (step if abs(ahead) <= 1 else None)


def test_the_address_for_the_app_names_account_and_issuer() -> None:
    shown = address(SECRET, account="ana@mail.example", issuer="MindLyfe")
    assert shown.startswith("otpauth://totp/MindLyfe:ana%40mail.example?")
    assert f"secret={SECRET}" in shown


@given(st.binary(min_size=2 * CODE_BYTES, max_size=2 * CODE_BYTES))
def test_asvs_6_5_3_backup_codes_hold_120_bits_and_forgive_spelling(random: bytes) -> None:
    one, two = spelled(random)
    assert len(one.replace("-", "")) == 24
    assert (one == two) == (random[:CODE_BYTES] == random[CODE_BYTES:])
    sloppy = one.upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert digest(sloppy, ANA, mac) == digest(one, ANA, mac)
    assert not set("ilou") & set(one)
