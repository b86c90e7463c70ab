"""Sends web push: encrypted for one browser (RFC 8291), by POST to its push service (RFC 8030), which is a stranger."""

import asyncio
import base64
import os
from typing import Any, Final

import http_ece  # type: ignore[import-untyped] # it has no annotations
import httpcore
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from mindlyfe.kernel.outside import Internet, NotConnected
from mindlyfe.kernel.postgres import refuse_in_transaction
from mindlyfe.notifications.adapters.vapid import Vapid
from mindlyfe.notifications.application.ports import NotHandedOver
from mindlyfe.notifications.application.pushing import Gone, Manner, Tidings
from mindlyfe.notifications.contract.push import WrongPushKeys
from mindlyfe.notifications.domain.subscription import Subscription

LONGEST_S: Final = 20.0
TIMEOUTS: Final = {"connect": 5.0, "read": 10.0, "write": 5.0, "pool": 5.0}
LONGEST_TITLE: Final = 100
"""Letters of a sender's name that are sent: the message stays far below the 4096 bytes that push services take."""


class WebPush:
    """Every push service that a browser names, over the public internet alone."""

    def __init__(self, vapid: Vapid, internet: Internet, *, longest_s: float = LONGEST_S) -> None:
        self._vapid, self._internet, self._longest_s = vapid, internet, longest_s

    async def send(self, browser: Subscription, tidings: Tidings, manner: Manner) -> None:
        """One message to one browser. Raises Gone, NotHandedOver, Unavailable."""
        refuse_in_transaction()
        short = msgspec.structs.replace(tidings, title=tidings.title[:LONGEST_TITLE])
        headers = {
            "Authorization": await self._vapid.authorization(browser.endpoint),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(int(manner.ttl.total_seconds())),
            "Urgency": manner.urgency,
            "Topic": manner.topic,
        }
        body = sealed(msgspec.json.encode(short), browser.p256dh, browser.auth)
        judge(await self._status(browser.endpoint, headers, body))

    async def _status(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """What the push service answers; its words are not read, and where it leads is not followed."""
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        sent.append((b"Content-Length", str(len(body)).encode()))
        asked: dict[str, Any] = {"headers": sent, "content": body, "extensions": {"timeout": TIMEOUTS}}
        try:
            async with (
                asyncio.timeout(self._longest_s),
                self._internet.pool() as pool,
                pool.stream("POST", url, **asked) as answer,
            ):
                return int(answer.status)
        except NotConnected as missing:
            raise NotHandedOver(f"push-{missing.trouble}", permanent=missing.trouble == "not-public") from missing
        except (TimeoutError, httpcore.TimeoutException) as slow:
            raise NotHandedOver("push-too-slow", uncertain=True) from slow
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as lost:
            raise NotHandedOver("push-unreachable", uncertain=True) from lost


def judge(status: int) -> None:
    """What an answer means for the browser, and for trying again. Raises Gone, NotHandedOver."""
    if status in {404, 410}:
        raise Gone
    if not 200 <= status < 300:
        later = status in {408, 425, 429} or status >= 500
        raise NotHandedOver(f"push-{status}", permanent=not later)


def sealed(plain: bytes, p256dh: str, auth: str, *, salt: bytes | None = None, private: Any = None) -> bytes:
    """What only this browser opens. `salt` and `private` are new for each message, unless a test gives them."""
    found: bytes = http_ece.encrypt(
        plain,
        salt=salt or os.urandom(16),
        private_key=private or ec.generate_private_key(ec.SECP256R1()),
        dh=decoded(p256dh),
        auth_secret=decoded(auth),
        version="aes128gcm",
    )
    return found


def check(p256dh: str) -> None:
    """Whether something can be encrypted for a key. Raises WrongPushKeys."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(p256dh))
    except ValueError:
        raise WrongPushKeys from None


def decoded(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
