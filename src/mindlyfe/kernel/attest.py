"""Signatures by which we prove later what we said: ES256 by a key that follows from the root key, per purpose.

The key is never stored: whoever reads or changes the database cannot sign. Whoever has the public half can verify.
"""

import hashlib
from functools import cached_property
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from mindlyfe.kernel.secrecy import Keys

ALGORITHM: Final = "ES256"
LONGEST: Final = 65_536
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-5)."""


class Forged(Exception):
    """The signature is not one of ours, or not over these words."""


class Attestor:
    """Signs for one purpose, and says whether a signature is its own."""

    def __init__(self, keys: Keys, purpose: str) -> None:
        self._keys, self._purpose = keys, purpose

    def signed(self, payload: bytes) -> str:
        """`payload` as a compact JWS (RFC 7515)."""
        header = {"alg": ALGORITHM, "typ": f"{self._purpose}+jws", "kid": self._key.kid}
        return jws.serialize_compact(header, payload, self._key)

    def opened(self, signed: str) -> bytes:
        """What was signed. Raises Forged."""
        try:
            if len(signed) > LONGEST:
                raise Forged
            found = jws.deserialize_compact(signed, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError, RecursionError) as wrong:
            raise Forged from wrong
        if found.headers().get("typ") != f"{self._purpose}+jws":
            raise Forged
        return bytes(found.payload)

    def public(self) -> dict[str, Any]:
        """The public half as a JWK, for who verifies without us."""
        return dict(self._key.as_dict(private=False))

    @cached_property
    def _key(self) -> ECKey:
        # 512 bits modulo the order: no scalar is noticeably more likely than another (FIPS 186-5, A.2.1).
        halves = (self._keys.mac(f"attest/{self._purpose}", part) for part in (b"1", b"2"))
        scalar = int.from_bytes(b"".join(halves)) % (_ORDER - 1) + 1
        private = ec.derive_private_key(scalar, ec.SECP256R1())
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key = ECKey.import_key(pem, {"use": "sig", "alg": ALGORITHM})
        key.ensure_kid()
        return key


def fingerprint(*parts: str) -> str:
    """SHA-256 over texts, none of which can flow into the next: each is preceded by its length in bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8) + data)
    return digest.hexdigest()
