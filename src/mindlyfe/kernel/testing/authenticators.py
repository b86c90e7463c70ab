"""What people have in their pockets: an authenticator app, a device with a passkey."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from pyotp.totp import TOTP

PERIOD_S = 30


@dataclass
class CodeApp:
    """An authenticator app. It remembers the step of its last code, since each is of use once."""

    secret: str
    step: int = 0

    def code(self, at: datetime) -> str:
        """A code that was not given yet: there are three at any moment."""
        now = int(at.timestamp()) // PERIOD_S
        self.step = max(self.step + 1, now - 1)
        assert self.step <= now + 1, "all codes of this moment were given"
        return TOTP(self.secret).generate_otp(self.step)


@dataclass
class Device:
    """A device with one passkey (ES256, attestation `none`), and the browser in which it is used.

    A copied key signs on, with the count of before.
    """

    origin: str = "http://localhost:8080"
    site: str = "localhost"
    signs: int = 0
    verifies: bool = True
    """Whether it asks for a finger or a number."""
    owner: bytes = b""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create()` gives for these options."""
        self.owner = _bytes(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        public = dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + public
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(0x40) + attested}
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(dumps(made))})

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get()` gives for these options."""
        self.signs += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        said = {"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.owner}
        return self._answer({name: _text(value) for name, value in said.items()})

    def _data(self, flags: int) -> bytes:
        flags |= 0x01 | (0x04 if self.verifies else 0)
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + self.signs.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": response}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
