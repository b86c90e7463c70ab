"""For tests of a person's rights: workers that run for a while, officers with a second factor, a neighbour."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, cast

import msgspec

from mindlyfe.identity.adapters.signing_keys import SigningKeyRing
from mindlyfe.identity.contract import SigningKeys
from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.personal import Told
from mindlyfe.kernel.retained import Retained


@asynccontextmanager
async def working(module: Module, worker: str) -> AsyncGenerator[None]:
    """Inside, this worker runs."""
    running = asyncio.ensure_future(module.workers[worker]())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def officer_of(clinic: Any, email: str = "") -> Any:
    """A privacy officer who signed in with a second factor."""
    person = await clinic.staff("privacy-officer", email=email)
    payload = person.headers["authorization"].split(".")[1]
    claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=="), type=Claims)
    ring = cast("SigningKeyRing", clinic.house.module.answers[SigningKeys])
    token = await ring.signed(msgspec.structs.replace(claims, aal=2))
    person.headers = {"authorization": f"Bearer {token}"}
    return person


async def case(officer: Any, person: Any) -> dict[str, Any]:
    """A person's erasure, as the officer sees it."""
    answer = await officer.get(f"/v1/erasure-requests/{person.id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class Therapy:
    """A neighbour: with records of treatment or without, there or away."""

    def __init__(self) -> None:
        self.latest: datetime | None = None
        self.away = False
        self.stuck = False
        """Whether it cannot erase."""
        self.speaking = False
        """Whether it has not said its last word to somebody who is being erased."""
        self.told: list[PersonId] = []
        self.erased: list[tuple[TenantId, PersonId]] = []

    async def export(self, *, tenant: TenantId, person: PersonId, after: str | None) -> Told:
        return Told(entries=[])

    async def retained(self, *, tenant: TenantId, person: PersonId) -> list[Retained]:
        self._here()
        return [Retained(records="clinical", count=1, latest=self.latest)] if self.latest else []

    async def leave(self, *, tenant: TenantId, person: PersonId) -> bool:
        self._here()
        self.told.append(person)
        return not self.speaking

    async def erase(self, *, tenant: TenantId, person: PersonId) -> None:
        self._here()
        if self.stuck:
            raise Unavailable
        self.erased.append((tenant, person))

    def _here(self) -> None:
        if self.away:
            raise Unavailable
