"""For tests of a person's rights: workers that run for a while, and officers with a second factor."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import msgspec

from mindlyfe.identity.adapters.signing_keys import SigningKeyRing
from mindlyfe.identity.contract import SigningKeys
from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.module import Module


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
