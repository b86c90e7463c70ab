"""Devices that race over HTTP on PostgreSQL: what was acknowledged is shown, as signed or beside what was signed."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from tests.therapy.ward import Ward, text


async def shown(ward: Ward, note: UUID) -> set[str]:
    """All texts that can be reached from what the author sees."""
    view = (await ward.one(note)).json()
    history = (await ward.author.get(ward.at(note, "revisions"))).json()["items"]
    made_from = {each["revision"]: each["base"] for each in history}
    waiting = [each["revision"] for each in (*view["texts"], *view["left_out"])]
    reached: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += made_from[one]
    return reached


async def test_saving_on_three_devices_while_a_fourth_signs_loses_nothing(clinic: Any) -> None:
    ward = Ward(clinic)
    for turn in range(6):
        note, first = await ward.draft()
        late = [uuid4() for _ in range(3)]
        sends = [ward.save(note, first, sections=text(str(each)), revision=each) for each in late]
        answers = await asyncio.gather(*sends[:turn], ward.sign(note, first), *sends[turn:])
        signature = answers.pop(min(turn, 3))
        assert signature.status_code in {200, 409}, signature.text
        assert {answer.status_code for answer in answers} <= {200, 409}
        acknowledged = {answer.json()["revision"] for answer in answers if answer.status_code == 200}
        assert acknowledged | {str(first)} <= await shown(ward, note)
        view = (await ward.one(note)).json()
        assert (view["stage"] == "signed") == (signature.status_code == 200)
