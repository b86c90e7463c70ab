"""A workflow is data; what cannot be run is refused, and the step that is wrong is named."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.notifications.contract.workflows import (
    Before,
    Condition,
    Delay,
    Digest,
    Send,
    Step,
    Throttle,
    Unsound,
    Workflow,
    WorkflowName,
)
from mindlyfe.notifications.domain.workflow import (
    NATURES,
    SHIPPED,
    Defined,
    Dropped,
    define,
    drop,
    evolve,
    refuse_unsound,
)

ADA = PersonId(UUID(int=2))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
TELL = Send(key="tell", channels=("email",))
NAME: WorkflowName = "appointment-reminder"
OWN = Workflow(steps=(Before(key="day", minutes=1_440), TELL))


def defined(workflow: Workflow) -> Defined:
    return Defined(name=NAME, workflow=workflow, by=ADA, at=NOW)


def test_what_is_shipped_is_sound() -> None:
    assert SHIPPED.keys() == NATURES.keys()
    for name, editions in SHIPPED.items():
        for edition in editions:
            refuse_unsound(name, edition)


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ((TELL, TELL), "Two steps are called tell"),
        ((Delay(key="rest", minutes=5),), "No step sends anything"),
        ((Send(key="tell", channels=("email",), template="recovery"),), "template recovery"),
        ((Send(key="tell", channels=("email",), when=(Condition(step="later", was="sent"),)),), "later"),
        ((Before(key="hour", minutes=60), TELL, Before(key="day", minutes=1_440)), "day: it comes before"),
        ((TELL, Digest(key="gather", minutes=5)), "only the first step"),
        ((Digest(key="gather", minutes=5), TELL), "what has a moment"),
    ],
)
def test_what_cannot_be_run_is_refused(steps: tuple[Step, ...], named: str) -> None:
    wish = Workflow(steps=steps)
    refusal = given(evolve).when(lambda state: define(state, NAME, wish, by=ADA, at=NOW)).refused(Unsound)
    assert named in str(refusal)


EVERYWHERE = Send(key="call", channels=("email", "sms", "push", "in-app"))


@pytest.mark.parametrize(
    "steps",
    [
        (Delay(key="rest", minutes=5), EVERYWHERE),
        (TELL, EVERYWHERE),
        (Throttle(key="calm", most=1, minutes=60), EVERYWHERE),
        (Digest(key="gather", minutes=5), EVERYWHERE),
    ],
)
def test_what_is_critical_cannot_be_made_quiet(steps: tuple[Step, ...]) -> None:
    with pytest.raises(Unsound):
        refuse_unsound("safety-task", Workflow(steps=steps))
    refuse_unsound("safety-task", Workflow(steps=(EVERYWHERE, Delay(key="rest", minutes=5), TELL)))


def test_a_clinic_puts_its_own_in_place_and_goes_back() -> None:
    given(evolve).when(lambda state: define(state, NAME, OWN, by=ADA, at=NOW)).then(defined(OWN))
    given(evolve, defined(OWN)).when(lambda state: define(state, NAME, OWN, by=ADA, at=NOW)).then()
    dropped = Dropped(name=NAME, by=ADA, at=NOW)
    given(evolve, defined(OWN)).when(lambda state: drop(state, NAME, by=ADA, at=NOW)).then(dropped)
    given(evolve, defined(OWN), dropped).when(lambda state: drop(state, NAME, by=ADA, at=NOW)).then()
    given(evolve, defined(OWN), dropped).when(lambda state: define(state, NAME, OWN, by=ADA, at=NOW)).then(defined(OWN))
