"""A therapist and a patient who are about to meet, for tests over HTTP."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from mindlyfe.therapy.adapters.encounters import EncounterList
from mindlyfe.therapy.application.closing import Closing

QUAY = {"country": "GB", "place": "4 Quay Street, Bristol", "call_back": "+442079460958"}
HOUR = timedelta(hours=1)


async def closed(clinic: Any) -> int:
    """One turn of the worker that closes what nobody ended; how many it closed."""
    streams = next(one for one in clinic.module.streams if one.name == "encounter")
    return await Closing(streams=streams, open=EncounterList(clinic.database), clock=clinic.clock).turn()


class Scene:
    """A therapist, a patient and their appointment by video, a quarter of an hour before it starts."""

    def __init__(self, clinic: Any, therapist: Any, patient: Any, starts_at: datetime) -> None:
        self.clinic, self.therapist, self.patient, self.starts_at = clinic, therapist, patient, starts_at
        self.id, self.desk = uuid4(), clinic.person("reception")

    @classmethod
    async def of(cls, clinic: Any, starts_at: datetime, **hours: Any) -> "Scene":
        scene = cls(clinic, await clinic.therapist(**hours), clinic.person("patient"), starts_at)
        assert (await scene.patient.book(scene.therapist, starts_at, scene.id)).status_code == 201
        clinic.clock.now = starts_at - timedelta(minutes=15)
        return scene

    def at(self, *more: str) -> str:
        return "/".join([f"/v1/appointments/{self.id}/encounter", *more])

    async def check_in(self, by: Any = None, there: Any = QUAY, **headers: str) -> Any:
        return await (by or self.patient).post(self.at("check-in"), json={"whereabouts": there}, **headers)

    async def step(self, name: str, by: Any = None, **headers: str) -> Any:
        return await (by or self.therapist).post(self.at(name), json=None, **headers)

    async def one(self, by: Any = None) -> Any:
        answer = await (by or self.patient).get(self.at())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def begun(self) -> None:
        assert (await self.check_in()).status_code == 200
        assert (await self.step("admission")).status_code == 200
