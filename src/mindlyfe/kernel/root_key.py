"""The root key in a file: made once, written in letters that can be printed, kept and typed again."""

import base64
import binascii
import hashlib
import os
import re
import secrets
import threading
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mindlyfe.kernel.secrecy import KEY_BYTES, DataKey, Unreadable, WrongRootKey

CHECK_BYTES: Final = 3
"""A mistyped key passes once in 16 million."""
LETTERS: Final = 56
ALIKE: Final = str.maketrans("018", "OIB")
"""Digits that base32 does not use, for the letters they are mistaken for."""
OTHERS: Final = 0o007
"""The group may read: Kubernetes lends secrets to a group."""


def make_root_key(path: Path) -> None:
    """A new root key in `path`, for its owner alone. Raises FileExistsError: it is never overwritten."""
    _write(path, secrets.token_bytes(KEY_BYTES))


def export_root_key(path: Path) -> str:
    """The root key in 14 groups of four letters. Raises WrongRootKey."""
    return _text(_parse(_read(path), str(path)))


def import_root_key(path: Path, text: str) -> None:
    """Write what `export_root_key` gave; case, spaces and dashes do not matter.

    Raises WrongRootKey when a letter is wrong, FileExistsError when there is a root key already.
    """
    _write(path, _parse(text, "the root key as typed"))


class FileRootKey:
    """`RootKey` in a file. Read on the first use; then it stays in memory."""

    def __init__(self, path: Path, *, private: bool = True) -> None:
        """`private` refuses a file that other users may open."""
        self._path, self._private = path, private
        self._once = threading.Lock()
        self._secret: bytes | None = None

    async def wrap(self, plain: bytes, aad: bytes) -> bytes:
        """`plain` under the root. Raises WrongRootKey."""
        return self._wrapping().seal(plain, aad)

    async def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """What was wrapped. Raises WrongRootKey."""
        try:
            return self._wrapping().open(wrapped, aad)
        except Unreadable:
            raise WrongRootKey(
                f"the root key in {self._path} is not the one this data was made with: "
                "put back the one that was exported with its backup"
            ) from None

    def derived(self, purpose: str) -> bytes:
        """32 bytes for `purpose` alone. Raises WrongRootKey."""
        return derived(self._loaded(), purpose)

    def _wrapping(self) -> DataKey:
        return DataKey(self.derived("wrap"))

    def _loaded(self) -> bytes:
        with self._once:
            if self._secret is None:
                if self._private and self._mode() & OTHERS:
                    raise WrongRootKey(f"other users may open {self._path}: run chmod o= on it")
                self._secret = _parse(_read(self._path), str(self._path))
            return self._secret

    def _mode(self) -> int:
        return self._path.stat().st_mode if self._path.exists() else 0


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose out of a secret that is never used itself (HKDF-SHA256)."""
    return HKDF(SHA256(), KEY_BYTES, None, b"mindlyfe/" + purpose.encode()).derive(secret)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        raise WrongRootKey(f"there is no root key in {path}: import the one that was exported") from None
    except OSError as refused:
        raise WrongRootKey(f"the root key cannot be read: {refused}") from None
    except UnicodeDecodeError:
        raise WrongRootKey(f"{path} is not a root key") from None


def _write(path: Path, secret: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(_text(secret) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _text(secret: bytes) -> str:
    letters = base64.b32encode(secret + _check(secret)).decode()
    return "-".join(letters[start : start + 4] for start in range(0, LETTERS, 4))


def _parse(text: str, source: str) -> bytes:
    letters = re.sub(r"[\s-]", "", text).upper().translate(ALIKE)
    if len(letters) != LETTERS:
        raise WrongRootKey(f"{source}: a root key has {LETTERS} letters, this has {len(letters)}")
    try:
        raw = base64.b32decode(letters)
    except binascii.Error:
        raise WrongRootKey(f"{source}: a root key has the letters A to Z and digits 2 to 7 alone") from None
    secret, check = raw[:KEY_BYTES], raw[KEY_BYTES:]
    if check != _check(secret):
        raise WrongRootKey(f"{source}: a letter is wrong")
    return secret


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(b"mindlyfe root key" + secret).digest()[:CHECK_BYTES]
