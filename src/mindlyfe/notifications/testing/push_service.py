"""A push service and its browsers, as tests play them: messages are opened by RFC 8291, senders proved by RFC 8292.

It opens with the `cryptography` library alone, and shares no code with what seals.
"""

import asyncio
import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

HOST: Final = "push.example"
DAY_S: Final = 24 * 60 * 60


def text(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(words: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))


def raw(key: ec.EllipticCurvePublicKey) -> bytes:
    """An uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass
class Browser:
    """What a browser keeps for one subscription."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    path: str = field(default_factory=lambda: f"/send/{secrets.token_urlsafe(24)}")

    @property
    def endpoint(self) -> str:
        """Where its push service takes messages for it."""
        return f"https://{HOST}{self.path}"

    def subscription(self) -> dict[str, Any]:
        """`PushSubscription.toJSON()`."""
        keys = {"p256dh": text(raw(self.key.public_key())), "auth": text(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def opened(self, body: bytes) -> bytes:
        """RFC 8291, 3.4, in one record of RFC 8188. Raises InvalidTag for what is not meant for this browser."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        info = b"WebPush: info\0" + raw(self.key.public_key()) + sender
        secret = HKDF(SHA256(), 32, self.auth, info).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert padded[-1:] == b"\2", "the last record ends so"
        return padded[:-1]


@dataclass
class Message:
    """One that was taken."""

    headers: dict[str, str]
    tidings: dict[str, Any]
    size: int
    claims: dict[str, Any]


@dataclass
class PushService:
    """An ASGI application that takes messages for its browsers, unless it has another answer for one."""

    key: str = ""
    """The sender's public key that its browsers were subscribed with."""
    browsers: dict[str, Browser] = field(default_factory=dict[str, Browser])
    answers: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Path → statuses to answer with before it takes anything."""
    taken: dict[str, list[Message]] = field(default_factory=dict[str, list[Message]])
    asked: int = 0
    pause_s: float = 0.0
    """How long it takes to answer."""

    def browser(self, *answers: int) -> Browser:
        """A new browser, whose messages are first answered like this."""
        new = Browser()
        self.browsers[new.path], self.answers[new.path] = new, list(answers)
        return new

    def to(self, browser: Browser) -> list[dict[str, Any]]:
        """What a browser was told."""
        return [message.tidings for message in self.taken.get(browser.path, [])]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take a message, or say why not."""
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.asked += 1
        await asyncio.sleep(self.pause_s)
        status = self._answer(scope["path"], headers, body)
        location = [(b"location", b"https://elsewhere.example/")] if 300 <= status < 400 else []
        await send({"type": "http.response.start", "status": status, "headers": location})
        await send({"type": "http.response.body", "body": b""})

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> int:
        if self.answers.get(path):
            return self.answers[path].pop(0)
        browser = self.browsers[path]
        assert headers["content-encoding"] == "aes128gcm"
        assert int(headers["ttl"]) >= 0
        claims = self._proved(headers["authorization"])
        tidings = json.loads(browser.opened(body))
        self.taken.setdefault(path, []).append(Message(headers, tidings, len(body), claims))
        return 201

    def _proved(self, authorization: str) -> dict[str, Any]:
        """RFC 8292: by the key that the browser was subscribed with, for this server, for a day at most."""
        scheme, _, words = authorization.partition(" ")
        values = dict(part.strip().split("=", 1) for part in words.split(","))
        assert (scheme, values["k"]) == ("vapid", self.key)
        point = data(values["k"])
        public: Any = {"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])}
        token = jwt.decode(values["t"], ECKey.import_key(public), algorithms=["ES256"])
        claims: dict[str, Any] = token.claims
        assert claims["aud"] == f"https://{HOST}"
        assert time.time() < claims["exp"] <= time.time() + DAY_S
        assert claims["sub"].startswith("mailto:")
        return claims
