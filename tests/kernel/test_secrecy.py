"""Sealing: what was sealed opens by the same key in the same place, and by nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.kernel.secrecy import OVERHEAD_BYTES, DataKey, Unreadable

KEY = DataKey(bytes(range(32)))


@given(plain=st.binary(max_size=300), aad=st.binary(max_size=60))
def test_what_was_sealed_opens(plain: bytes, aad: bytes) -> None:
    sealed = KEY.seal(plain, aad)
    assert KEY.open(sealed, aad) == plain
    assert len(sealed) == len(plain) + OVERHEAD_BYTES


@given(plain=st.binary(max_size=60), at=st.integers(0), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed(plain: bytes, at: int, bit: int) -> None:
    sealed = bytearray(KEY.seal(plain, b"here"))
    sealed[at % len(sealed)] ^= 1 << bit
    with pytest.raises(Unreadable):
        KEY.open(bytes(sealed), b"here")


@given(plain=st.binary(max_size=60), aad=st.binary(max_size=20), other=st.binary(max_size=20))
def test_it_opens_in_its_place_only(plain: bytes, aad: bytes, other: bytes) -> None:
    sealed = KEY.seal(plain, aad)
    if aad != other:
        with pytest.raises(Unreadable):
            KEY.open(sealed, other)


@given(cut=st.integers(0, OVERHEAD_BYTES + 4))
def test_a_cut_message_is_noticed(cut: int) -> None:
    with pytest.raises(Unreadable):
        KEY.open(KEY.seal(b"hello", b"")[:cut], b"")


def test_another_key_does_not_open() -> None:
    with pytest.raises(Unreadable):
        DataKey(bytes(32)).open(KEY.seal(b"hello", b""), b"")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert len({KEY.seal(b"hello", b"") for _ in range(1000)}) == 1000


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        DataKey(bytes(16))


def test_the_key_is_not_shown() -> None:
    assert "\\x01" not in repr(KEY)
    assert not hasattr(KEY, "__dict__")
