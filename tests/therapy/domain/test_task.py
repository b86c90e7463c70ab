"""One task: given what was done, when somebody wants something, then …"""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
import pytest

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.kernel.testing.principals import principal
from mindlyfe.therapy.contract.tasks import NobodysTask, TaskClaimed, TaskClosed
from mindlyfe.therapy.domain.task import Claimed, Closed, Opened, claim, close, evolve, open_, seen, settle

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PATIENT, PRIYA, NOOR = (PersonId(UUID(int=n)) for n in (1, 2, 3))
OPENED = Opened(
    kind="no-show",
    about=UUID(int=7),
    patient=PATIENT,
    role="reception",
    assignee=None,
    due_at=NOW + timedelta(days=1),
    at=NOW,
)
CLAIMED = Claimed(by=PRIYA, at=NOW)
CLOSED = Closed(by=PRIYA, outcome="done", words="She is ill.", at=NOW)
SETTLED = Closed(by=SYSTEM, outcome="settled", words="", at=NOW)


def test_a_cause_has_one_task_which_is_somebodys() -> None:
    given(evolve).when(partial(open_, wish=OPENED)).then(OPENED)
    for history in ([OPENED], [OPENED, CLOSED]):
        given(evolve, *history).when(partial(open_, wish=OPENED)).then()
    nobodys = msgspec.structs.replace(OPENED, role=None)
    given(evolve).when(partial(open_, wish=nobodys)).refused(NobodysTask)


def test_one_person_is_at_it() -> None:
    given(evolve, OPENED).when(lambda s: claim(s, by=PRIYA, now=NOW) if s else []).then(CLAIMED)
    given(evolve, OPENED, CLAIMED).when(lambda s: claim(s, by=PRIYA, now=NOW) if s else []).then()
    given(evolve, OPENED, CLAIMED).when(lambda s: claim(s, by=NOOR, now=NOW) if s else []).refused(TaskClaimed)
    given(evolve, OPENED, CLOSED).when(lambda s: claim(s, by=NOOR, now=NOW) if s else []).refused(TaskClosed)


def test_it_is_closed_once_by_hand_or_when_its_cause_ends() -> None:
    done = partial(close, by=PRIYA, outcome="done", words="She is ill.", now=NOW)
    given(evolve, OPENED).when(lambda s: done(s) if s else []).then(CLOSED)
    given(evolve, OPENED, CLOSED).when(lambda s: done(s) if s else []).then()
    given(evolve, OPENED, SETTLED).when(lambda s: done(s) if s else []).refused(TaskClosed)
    given(evolve, OPENED, CLAIMED).when(partial(settle, now=NOW)).then(SETTLED)
    for history in ([], [OPENED, CLOSED], [OPENED, SETTLED]):
        given(evolve, *history).when(partial(settle, now=NOW)).then()


def test_it_is_seen_by_whose_it_is() -> None:
    state = given(evolve, OPENED).state
    desk, therapist = principal("reception"), principal("therapist")
    assert seen(state, desk) is state
    theirs = given(evolve, msgspec.structs.replace(OPENED, role=None, assignee=therapist.id)).state
    assert seen(theirs, therapist) is theirs
    for one, who in ((state, therapist), (theirs, desk), (None, desk)):
        with pytest.raises(NotFound):
            seen(one, who)
