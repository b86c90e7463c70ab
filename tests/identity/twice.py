"""For tests of merges: a clinic with a patient who registered twice, and two people who may decide."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.identity.rights import working


class Twice:
    """A patient who registered by two addresses, two administrators, and a therapist."""

    def __init__(self, house: Any, clinic: Any) -> None:
        self.house, self.clinic, self.admin = house, clinic, clinic.admin
        self.path = f"/v1/merges/{uuid4()}"

    async def open(self) -> "Twice":
        await self.admin.strengthen()
        self.officer = await self.second()
        self.old, self.new = [await self.clinic.patient(f"{one}@mail.example") for one in ("old", "new")]
        self.wish = {"duplicate": self.old.id, "survivor": self.new.id, "why": "registered-twice"}
        return self

    async def second(self) -> Any:
        person = await self.clinic.staff("privacy-officer")
        return await person.strengthen()

    async def care(self, patient: Any, clinician: Any) -> None:
        wish = {"patient": patient.id, "clinician": clinician.id}
        assert (await self.admin.put(f"/v1/care-relationships/{uuid4()}", wish)).status_code == 200

    async def propose(self, *acknowledged: str, **more: Any) -> Any:
        return await self.admin.put(self.path, self.wish | {"acknowledged": acknowledged} | more)

    async def decide(self, decision: str = "approve", by: Any = None, **more: Any) -> Any:
        return await (by or self.officer).post(f"{self.path}/decision", {"decision": decision}, **more)

    async def view(self) -> dict[str, Any]:
        answer = await self.officer.get(self.path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        for _ in range(400):
            if condition(await self.view()):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(await self.view())

    async def completed(self) -> dict[str, Any]:
        """The view at the end, a minute after the duplicate's sessions."""
        async with working(self.house.module, "merges"):
            await self.until(lambda view: not view["contexts_awaited"])
            self.house.clock.pass_(seconds=60)
            await self.until(lambda view: view["status"] == "completed")
        return await self.view()

    async def merged(self) -> dict[str, Any]:
        assert (await self.propose()).status_code == 200
        answer = await self.decide()
        assert (answer.status_code, answer.json()["status"]) == (200, "running"), answer.text
        return await self.completed()

    async def told(self, kind: type[Any]) -> list[Any]:
        return [event for _, event in await self.house.published() if isinstance(event, kind)]
