"""What ASVS 5.0 asks of cryptography, by its numbers; docs/security/asvs.md lists where the others are tested."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mindlyfe.kernel.secrecy import FORMAT, NONCE_BYTES, DataKey, Unreadable

SECRET = bytes(range(32))


def test_asvs_11_3_2_what_is_sealed_is_aes_256_gcm() -> None:
    """Opened here by the library alone, from the format that the module states."""
    sealed = DataKey(SECRET).seal(b"hello", b"place")
    nonce, cipher = sealed[1 : 1 + NONCE_BYTES], AESGCM(SECRET)
    assert cipher.decrypt(nonce, sealed[1 + NONCE_BYTES :], FORMAT + b"place") == b"hello"
    with pytest.raises(ValueError, match="32 bytes"):
        DataKey(SECRET[:16])


def test_asvs_11_3_4_no_nonce_comes_twice() -> None:
    key = DataKey(SECRET)
    nonces = {key.seal(b"", b"")[1 : 1 + NONCE_BYTES] for _ in range(20_000)}
    assert len(nonces) == 20_000
    assert all(len({nonce[at] for nonce in nonces}) > 200 for at in range(NONCE_BYTES)), "a byte that does not vary"


def test_asvs_11_2_2_another_format_is_told_apart_and_never_opened_as_this_one() -> None:
    key = DataKey(SECRET)
    sealed = key.seal(b"hello", b"")
    for other in (b"\x00", b"\x02", b"\xff"):
        with pytest.raises(Unreadable):
            key.open(other + sealed[1:], b"")
    # The format is under the seal as well: taking it off the front does not turn one into another.
    with pytest.raises(Unreadable):
        key.open(FORMAT + AESGCM(SECRET).encrypt(bytes(12), b"hello", b"\x02"), b"")
