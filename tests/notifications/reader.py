"""Somebody with an inbox, as tests play them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx

from mindlyfe.kernel.messages import SYSTEM, Act, PersonId
from mindlyfe.kernel.telemetry import started
from mindlyfe.notifications.contract import DeliveryId, Kind
from mindlyfe.notifications.domain.notice import Arrived, arrive, notice_of


@dataclass
class Reader:
    """A patient of the office's clinic."""

    office: Any
    id: PersonId = field(default_factory=lambda: PersonId(uuid4()))

    async def told(self, kind: Kind = "export-ready", about: UUID | None = None) -> str:
        """Something stands in their inbox; returns the notice."""
        delivery = await self.office.request(self.id, "in-app", kind=kind, about=about or self.id)
        notice = str(notice_of(DeliveryId(delivery)))
        async with self.office.sending(), asyncio.timeout(10):
            while (await self.get(f"/v1/inbox/{notice}")).is_error:  # noqa: ASYNC110 - PostgreSQL has no event for it
                await asyncio.sleep(0.02)
        return notice

    async def get(self, path: str) -> httpx.Response:
        """GET as them."""
        answer: httpx.Response = await self.office.get(path, "patient", person=self.id)
        return answer

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """POST as them; `if_match="…"` is a header."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: httpx.Response = await self.office.ask(path, "patient", person=self.id, body=body, headers=sent)
        return answer

    async def inbox(self, show: str = "inbox", **query: Any) -> dict[str, Any]:
        """A page of their notices."""
        answer = await self.get(str(httpx.URL("/v1/inbox", params={"show": show, **query})))
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def marks(self, notice: str, mark: str) -> dict[str, Any]:
        """They mark it `read`, `unread`, `archive` or `snooze` (for an hour); returns how it stands."""
        body = self.in_an_hour() if mark == "snooze" else None
        answer = await self.post(f"/v1/inbox/{notice}/{mark}", body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def in_an_hour(self) -> dict[str, str]:
        """The body of a snooze."""
        return {"until": (self.office.watch() + timedelta(hours=1)).isoformat()}


async def put(module: Any, reader: Reader, delivery: UUID | None = None, kind: Kind = "export-ready") -> str:
    """A notice stands in their inbox at once; `module` is the process that puts it there."""
    of = DeliveryId(delivery or uuid4())
    [streams] = [one for one in module.streams if one.name == "notice"]
    wish = Arrived(delivery=of, kind=kind, recipient=reader.id, about=uuid4(), at=reader.office.watch())
    act = Act(tenant=reader.office.tenant, actor=SYSTEM, correlation=started())
    await streams.decide(act, notice_of(of), partial(arrive, wish=wish))
    return str(notice_of(of))
