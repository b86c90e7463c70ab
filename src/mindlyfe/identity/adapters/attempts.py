"""Slows down who guesses passwords, by counters in the cache.

Somebody must wait 1, 2, 4 … 60 s after the sixth failure in 15 minutes for one account from one address, the 31st for
one account, the 201st from one address (which many people may share). An account's own counter is high and its wait
short; where the owner signed in from within the last 30 days, it does not count. So nobody can be locked out by others,
who would only have to fail again whenever a wait ends. Accounts that do not exist count the same. While the cache
is away nobody is refused, but each failure takes a second longer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mindlyfe.identity.domain.address import sought
from mindlyfe.kernel.cache import Cache
from mindlyfe.kernel.errors import TooMany, Unavailable
from mindlyfe.kernel.secrecy import Keys

WINDOW: Final = timedelta(minutes=15)
LONGEST_S: Final = 60
HERE, ACCOUNT, CLIENT = 5, 30, 200
"""Failures that cost nothing: of one account from one address, of one account, from one address."""
MAILS: Final = 5
ASKED: Final = 100
"""Mails that one client may have sent within the hour: many people may share its address."""
MAIL_WINDOW: Final = timedelta(hours=1)
HOME: Final = timedelta(days=30)
PENALTY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class CountedAttempts:
    """Counters per account and per address; names in the cache are keyed digests."""

    cache: Cache
    keys: Keys
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def admit(self, email: str, client: str) -> None:
        """Raises TooMany while somebody must wait."""
        at_home = await self.cache.get(f"home/{self._digest(f'{email} {client}')}")
        for name, _ in await self._counters(email, client):
            waits = await self.cache.get(f"wait/{name}")
            if waits and not (at_home and name.startswith("account/")):
                raise TooMany("Too many failed attempts. Wait a minute, then try again.")

    async def failed(self, email: str, client: str) -> bool:
        """Count it, and make the next one wait when there were too many. Whether it must."""
        waits = False
        try:
            for name, free in await self._counters(email, client):
                many = await self.cache.count(f"failed/{name}", lasts=WINDOW)
                if many > free:
                    wait = timedelta(seconds=min(2 ** min(many - free - 1, 6), LONGEST_S))
                    await self.cache.set(f"wait/{name}", b"1", lasts=wait)
                    waits = True
        except Unavailable:
            await self.sleep(PENALTY_S)
        return waits

    async def succeeded(self, email: str, client: str) -> None:
        """The owner is there: forget their failures from here, and let others' failures not count here."""
        await self.cache.set(f"home/{self._digest(f'{email} {client}')}", b"1", lasts=HOME)
        name, _ = (await self._counters(email, client))[0]
        try:
            await self.cache.delete(f"failed/{name}")
        except Unavailable:
            return

    async def pardon(self, email: str) -> None:
        """Forget the failures of this account, wherever they came from. Raises Unavailable.

        The addresses they came from are not known: from here on their counters have other names.
        """
        account = self._digest(email)
        await self.cache.count(f"pardons/{account}", lasts=WINDOW)
        for kind in ("failed", "wait"):
            await self.cache.delete(f"{kind}/account/{account}")

    async def may_write_to(self, email: str) -> bool:
        """Whether this address got few registration mails within the hour; yes while the cache is away."""
        name = self._digest(email)
        try:
            return await self.cache.count(f"mails/{name}", lasts=MAIL_WINDOW) <= MAILS
        except Unavailable:
            return True

    async def admit_asker(self, client: str) -> None:
        """Raises TooMany when one address had mail sent 100 times within the hour; never while the cache is away."""
        try:
            many = await self.cache.count(f"asked/{self._digest(client)}", lasts=MAIL_WINDOW)
        except Unavailable:
            return
        if many > ASKED:
            raise TooMany("Too many messages were asked for from here. Wait an hour, then try again.")

    async def _counters(self, email: str, client: str) -> list[tuple[str, int]]:
        account = self._digest(email)
        pardons = (await self.cache.get(f"pardons/{account}") or b"").decode()
        here = self._digest(f"{email} {client}")
        counters = [(f"here/{here}{pardons and f'/{pardons}'}", HERE), (f"account/{account}", ACCOUNT)]
        return [*counters, (f"client/{self._digest(client)}", CLIENT)] if client else counters

    def _digest(self, value: str) -> str:
        return self.keys.digest("identity/attempts", sought(value)).hex()
