"""The office with the internet beside it, where a push service is; and people with browsers."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from tests.notifications.office import Office, platform

from mindlyfe.kernel.outside import Internet
from mindlyfe.kernel.reactor import Reactor
from mindlyfe.kernel.testing.doorway import Doorway
from mindlyfe.kernel.testing.internet import PUBLIC, Dial, trusting
from mindlyfe.notifications import wiring
from mindlyfe.notifications.testing.push_service import HOST, Browser, PushService

NAMES = {HOST: [PUBLIC], "inside.example": ["10.0.0.7"]}


@dataclass
class Street:
    """The office, and the push service that its people's browsers use."""

    office: Office
    service: PushService
    internet: Internet

    async def put(self, reader: UUID, browser: Browser, **who: Any) -> httpx.Response:
        """They subscribe a browser."""
        return await self.send("PUT", "", reader, json=browser.subscription(), **who)

    async def send(self, method: str, path: str, reader: UUID, json: Any = None, **who: Any) -> httpx.Response:
        """A request about their push subscriptions."""
        headers = self.office.bearer("patient", **{"person": reader} | who)
        url = f"/v1/push-subscriptions{path}"
        return await self.office.doorway.client.request(method, url, json=json, headers=headers)

    async def browser(self, reader: UUID, *answers: int, **who: Any) -> Browser:
        """A browser that they subscribed."""
        new = self.service.browser(*answers)
        answer = await self.put(reader, new, **who)
        assert answer.status_code == 200, answer.text
        return new

    async def listed(self, reader: UUID, **who: Any) -> list[dict[str, Any]]:
        """Their browsers, as they see them."""
        return list((await self.send("GET", "", reader, **who)).raise_for_status().json()["items"])

    async def pushes(self, person: Any, status: str, attempts: int = 1, **more: Any) -> dict[str, Any]:
        """Something is pushed to them, until it stands like this."""
        said: dict[str, Any] = {"kind": "export-ready", "about": uuid4(), **more}
        await self.office.request(person, "push", **said)
        async with self.office.sending():
            found: dict[str, Any] = await self.office.until(person, status, attempts)
        return found


@asynccontextmanager
async def street(office: Office, certificate: Path) -> AsyncGenerator[Street]:
    """The push service listens, and notifications can reach it and nothing else."""
    service = PushService()

    async def resolve(host: str) -> Sequence[str]:
        if host not in NAMES:
            raise OSError("no such name")
        return NAMES[host]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        tls = {"ssl_certfile": certificate, "ssl_keyfile": certificate}
        server = uvicorn.Server(uvicorn.Config(service, lifespan="off", log_config=None, **tls))  # type: ignore[arg-type] # an app
        serving = asyncio.create_task(server.serve([listener]))
        internet = Internet(resolve, Dial(listener.getsockname()[1]), trusting(certificate))
        around = platform(office.database, office.settings, office.keys, office.neighbours, office.watch)
        module = wiring.build(around, internet)
        reactor = Reactor(office.database, office.settings.region, module.hears)
        async with Doorway(module.routes, module.grants) as doorway:
            service.key = (await doorway.client.get("/v1/push-key")).json()["key"]
            yield Street(replace(office, module=module, reactor=reactor, doorway=doorway), service, internet)
        server.should_exit = server.force_exit = True
        await serving
