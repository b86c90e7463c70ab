"""The key that push services know this installation by (VAPID, RFC 8292): made once, its private half sealed.

Browsers bind their subscriptions to it, so it is never rotated: a new one would end them all.
"""

import base64
from typing import Any, Final, LiteralString
from urllib.parse import urlsplit

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import REGION
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys

PURPOSE: Final = "notifications/push-key"
LASTS_S: Final = 6 * 60 * 60
"""Of one proof; push services accept a day."""
ONE: Final[LiteralString] = "select public, sealed from push_key where tenant = %s"
ADD: Final[LiteralString] = "insert into push_key (public, sealed) values (%s, %s) on conflict do nothing"


class Vapid:
    """Proves to push services who writes. `contact` is whom they turn to: a `mailto:` or `https:` address."""

    def __init__(self, database: Database, keys: Keys, clock: Clock, contact: str) -> None:
        self._database, self._keys, self._clock, self._contact = database, keys, clock, contact
        self._pair: tuple[str, ECKey] | None = None

    async def public(self) -> str:
        """The public key as browsers take it: an uncompressed point in base64url. Raises Unavailable."""
        return (await self._key())[0]

    async def authorization(self, endpoint: str) -> str:
        """The header for a request to this endpoint's server, and no other. Raises Unavailable."""
        public, key = await self._key()
        parts = urlsplit(endpoint)
        claims: dict[str, Any] = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(self._clock().timestamp()) + LASTS_S,
            "sub": self._contact,
        }
        return f"vapid t={jwt.encode({'alg': 'ES256', 'typ': 'JWT'}, claims, key)}, k={public}"

    async def _key(self) -> tuple[str, ECKey]:
        """Made by whoever needs it first; of two that make one at once, one is kept."""
        if self._pair is None:
            row = await self._stored()
            if row is None:
                await self._make()
                row = await self._stored()
            assert row is not None
            public, sealed = row
            opened = msgspec.json.decode(self._keys.open_secret(PURPOSE, sealed))
            self._pair = public, ECKey.import_key(opened)
        return self._pair

    async def _stored(self) -> tuple[str, bytes] | None:
        async with self._database.app(REGION) as tx:
            row = await (await tx.execute(ONE, (REGION,))).fetchone()
        return (str(row[0]), bytes(row[1])) if row else None

    async def _make(self) -> None:
        key = ECKey.generate_key("P-256", private=True)
        sealed = self._keys.seal_secret(PURPOSE, msgspec.json.encode(key.as_dict(private=True)))
        async with self._database.app(REGION) as tx:
            await tx.execute(ADD, (point(key), sealed))


def point(key: ECKey) -> str:
    """The public half as an uncompressed point, in base64url."""
    halves: dict[str, Any] = dict(key.as_dict(private=False))
    x, y = (base64.urlsafe_b64decode(halves[name] + "=") for name in ("x", "y"))
    return base64.urlsafe_b64encode(b"\x04" + x + y).rstrip(b"=").decode()
