"""Passwords by argon2id, in threads of their own: at most so many at once, so that memory stays bounded."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB: Final = 47_104
PASSES: Final = 1
LANES: Final = 1
"""OWASP's first choice of argon2id parameters: 46 MiB, one pass, one lane."""
AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Argon2:
    """Hashes carry their parameters, so that these can grow."""

    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
    )
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "argon2"))
    nobodys: list[str] = field(default_factory=list[str])
    """The hash that an unknown address is checked against; made at its first use."""

    async def hashed(self, password: str) -> str:
        """A salted argon2id hash in the usual encoding."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, self.hasher.hash, password)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether `password` made the hash; None costs the same and never matches."""
        against = hashed if hashed is not None else await self._nobodys()
        right = await asyncio.get_running_loop().run_in_executor(self.threads, self._verified, against, password)
        return right and hashed is not None

    async def _nobodys(self) -> str:
        if not self.nobodys:
            self.nobodys.append(await self.hashed(secrets.token_urlsafe()))
        return self.nobodys[0]

    def _verified(self, hashed: str, password: str) -> bool:
        try:
            return self.hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
