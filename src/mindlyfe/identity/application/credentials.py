"""Passwords as people choose them: checked, then hashed."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mindlyfe.identity.application.ports import Passwords
from mindlyfe.identity.domain.password import LONGEST, accepted, normal


@dataclass(frozen=True, slots=True)
class Credentials:
    """`common` are passwords that everybody tries first, in lower case."""

    passwords: Passwords
    common: AbstractSet[str]

    async def made(self, password: str, *, email: str, name: str) -> str:
        """The hash of a new password. Raises WeakPassword."""
        return await self.passwords.hashed(accepted(password, common=self.common, email=email, name=name))

    async def match(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password; None: nobody's, which takes as long to find out."""
        plain = normal(password)
        return await self.passwords.matches(hashed, plain[: LONGEST + 1])
