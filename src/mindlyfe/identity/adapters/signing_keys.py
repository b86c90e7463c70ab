"""Keys that sign access tokens: in a table, so that all processes agree; private halves sealed under the root key.

Each key is published before it signs, and stays published until the last token it signed has expired: rotation signs
nobody out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Any, Final, LiteralString

import msgspec
import structlog
from joserfc import jws
from joserfc.jwk import ECKey

from mindlyfe.identity.contract.openid import IdClaims
from mindlyfe.identity.contract.signing_keys import SigningKeyView
from mindlyfe.kernel.access import ALGORITHM, TYPE, Claims
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import REGION
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys

PERIOD: Final = timedelta(days=30)
"""How long one key signs."""
AHEAD: Final = timedelta(minutes=15)
"""Published so long before it signs: longer than anybody keeps the set."""
BEHIND: Final = timedelta(minutes=15)
"""Published so long after it signed: longer than an access token lasts."""
REREAD: Final = timedelta(seconds=15)
LOOK_EVERY_S: Final = 60.0
PURPOSE: Final = "identity/signing-key"

ALL: Final[LiteralString] = """
    select generation, kid, public, sealed, active_from from signing_key where tenant = %s order by generation"""
ADD: Final[LiteralString] = """
    insert into signing_key (generation, kid, public, sealed, active_from) values (%s, %s, %s, %s, %s)
    on conflict do nothing"""
DROP: Final[LiteralString] = "delete from signing_key where tenant = %s and generation < %s"


class _Row(msgspec.Struct, frozen=True):
    generation: int
    kid: str
    public: dict[str, Any]
    sealed: bytes
    active_from: datetime


class SigningKeyRing:
    """Signs, publishes and rotates. Answers the contract's `SigningKeys`."""

    def __init__(
        self, database: Database, keys: Keys, clock: Clock, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._database, self._keys, self._clock, self._sleep = database, keys, clock, sleep
        self._rows: list[_Row] = []
        self._read_at: datetime | None = None
        self._opened: dict[str, ECKey] = {}

    async def jwks(self) -> bytes:
        """Every key that may have signed a valid token, and the next one. Raises Unavailable."""
        return msgspec.json.encode({"keys": [row.public for row in await self._current()]})

    async def signed(self, claims: Claims) -> str:
        """An access token (RFC 9068) by the active key. Raises Unavailable."""
        row = _active(await self._current(), self._clock())
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": row.kid}
        return jws.serialize_compact(header, msgspec.json.encode(claims), self._private(row))

    async def identified(self, claims: IdClaims) -> str:
        """An ID token by the active key; its type keeps it from being an access token. Raises Unavailable."""
        row = _active(await self._current(), self._clock())
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": row.kid}
        return jws.serialize_compact(header, msgspec.json.encode(claims), self._private(row))

    async def published(self) -> list[SigningKeyView]:
        """Every key in the set as of now, the oldest first. Raises Unavailable."""
        self._read_at = None
        rows = await self._current()
        ends = [row.active_from for row in rows[1:]]
        return [SigningKeyView(row.kid, row.active_from, end) for row, end in zip_longest(rows, ends)]

    async def rotate(self) -> str:
        """Publish a next key now, which signs after `AHEAD`; returns its id. One that waits already is that one."""
        rows, now = await self._load(), self._clock()
        if rows and rows[-1].active_from > now:
            return rows[-1].kid
        await self._add(rows[-1].generation + 1 if rows else 1, now + AHEAD if rows else now)
        return (await self._load())[-1].kid

    async def tend(self) -> None:
        """Publish the next key when the active one grows old; remove those that no valid token needs."""
        rows, now = await self._load(), self._clock()
        if not rows or rows[-1].active_from + PERIOD - AHEAD <= now:
            await self.rotate()
        needed = [old for old, new in pairwise(rows) if new.active_from + BEHIND > now]
        oldest = next(iter(needed or rows[-1:]), None)
        if oldest and oldest != rows[0]:
            async with self._database.app(REGION) as tx:
                await tx.execute(DROP, (REGION, oldest.generation))
            await self._load()

    async def run(self) -> None:
        """Tend the keys until cancelled."""
        while True:
            try:
                await self.tend()
            except Unavailable as away:
                structlog.get_logger("signing-keys").warning("signing keys not tended", reason=str(away))
            await self._sleep(LOOK_EVERY_S)

    async def _current(self) -> list[_Row]:
        """The rows, at most `REREAD` old; the first key is made by whoever needs it first."""
        now = self._clock()
        if self._rows and self._read_at and now - self._read_at < REREAD:
            return self._rows
        rows = await self._load()
        if not rows:
            await self._add(1, now)
            rows = await self._load()
        return rows

    async def _load(self) -> list[_Row]:
        async with self._database.app(REGION) as tx:
            found = await (await tx.execute(ALL, (REGION,))).fetchall()
        self._rows, self._read_at = [_Row(*row) for row in found], self._clock()
        return self._rows

    async def _add(self, generation: int, active_from: datetime) -> None:
        """Add a key, unless another process was faster: the generation is unique."""
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        private = self._keys.seal_secret(PURPOSE, msgspec.json.encode(key.as_dict(private=True)))
        public = msgspec.json.encode(key.as_dict(private=False)).decode()
        async with self._database.app(REGION) as tx:
            await tx.execute(ADD, (generation, key.kid, public, private, active_from))

    def _private(self, row: _Row) -> ECKey:
        if row.kid not in self._opened:
            self._opened.clear()
            self._opened[row.kid] = ECKey.import_key(msgspec.json.decode(self._keys.open_secret(PURPOSE, row.sealed)))
        return self._opened[row.kid]


def _active(rows: list[_Row], now: datetime) -> _Row:
    """The newest that has begun; the first one when clocks disagree."""
    return next((row for row in reversed(rows) if row.active_from <= now), rows[0])
