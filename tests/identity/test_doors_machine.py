"""The same over HTTP, with PostgreSQL: whatever order things happen in, the sessions that go on are those that should.

Few runs, as each step hashes passwords; the domain's own machines make many.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar, cast

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from tests.identity.conftest import House, assembled

from mindlyfe.identity.contract.flows import RecoveryAskedV1
from mindlyfe.identity.contract.questions import Links
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.postgres import Database

ANY = st.integers(min_value=0, max_value=50)
RUNS, STEPS = 6, 14
WHY = {"reason": "Came to the desk."}


@dataclass
class Signed:
    """A browser that got tokens, and what should be true of it."""

    person: Any
    aal: int
    runs: bool = True


@dataclass
class Waiting:
    """A first step that waits for the second."""

    person: Any
    challenge: str
    since: datetime
    void: bool = False


@dataclass
class Believed:
    """What a reader of the rules believes."""

    password: str = PASSWORD
    app: Any = None
    roles: frozenset[str] = frozenset({"therapist"})
    signed: list[Signed] = field(default_factory=list[Signed])
    waiting: list[Waiting] = field(default_factory=list[Waiting])

    def over(self, *, but: Signed | None = None) -> None:
        """Sessions end."""
        for one in self.signed:
            one.runs = one.runs and one is but

    def void(self) -> None:
        """First steps count no more."""
        for one in self.waiting:
            one.void = True


class Doors(RuleBasedStateMachine):
    """The routes beside the beliefs."""

    house: ClassVar[House]
    runner: ClassVar[asyncio.Runner]
    numbers: ClassVar[Iterator[int]] = count(1)

    def __init__(self) -> None:
        super().__init__()
        self.number = next(self.numbers)
        self.clinic = self.does(self.house.clinic(f"Clinic{self.number}"))
        self.does(self.clinic.admin.strengthen())
        first = self.does(self.clinic.staff("therapist", email=f"sam{self.number}@mail.example"))
        self.email, self.id = first.email, first.id
        self.belief = Believed(signed=[Signed(first, 1)])
        if self.number % 2:
            self.get_an_app(0)

    @rule()
    def sign_in(self) -> None:
        person = self._browser()
        answer = self.does(person.first_step(self.belief.password))
        if self.belief.app:
            assert answer.status_code == 202, answer.text
            self.belief.waiting.append(Waiting(person, answer.json()["challenge"], self.house.clock()))
        else:
            assert answer.status_code == 201, answer.text
            person.take(answer)
            self.belief.signed.append(Signed(person, 1))
            self._is(self.belief.signed[-1])

    @precondition(lambda self: self.belief.waiting)
    @rule(which=ANY)
    def second_step(self, which: int) -> None:
        waits = self.belief.waiting[which % len(self.belief.waiting)]
        self._wait(seconds=90)
        may = not waits.void and self.house.clock() < waits.since + timedelta(minutes=5)
        code = self.belief.app.code(self.house.clock()) if self.belief.app else "000000"
        answer = self.does(waits.person.second_step(waits.challenge, code))
        assert answer.status_code == (201 if may else 401), answer.text
        waits.void = True
        if may:
            self.belief.signed.append(Signed(waits.person, 2))
            self._is(self.belief.signed[-1])

    @rule(which=ANY, what=st.sampled_from(["password", "link", "app", "lost", "nothing"]))
    def something_between_the_steps(self, which: int, what: str) -> None:
        if not self.belief.app:
            self.get_an_app(which)
        self.sign_in()
        match what:
            case "password":
                self.change_the_password(which)
            case "link":
                self.recover(1)
            case "app":
                self.get_an_app(which)
            case "lost":
                self.lose_it()
            case _:
                pass
        self.second_step(len(self.belief.waiting) - 1)

    @rule(which=ANY)
    def renew(self, which: int) -> None:
        self._is(self._one(which))

    @rule(which=ANY)
    def get_an_app(self, which: int) -> None:
        one = self._proved(which)
        assert self.does(one.person.enrol()) is not None
        self.belief.app, one.aal = one.person.app, 2
        self.belief.over(but=one)
        self.belief.void()

    @precondition(lambda self: self.belief.app)
    @rule(which=ANY)
    def give_it_up(self, which: int) -> None:
        one = self._proved(which)
        factor = self.does(one.person.get("/v1/me/factors")).json()["totp"]["factor"]
        assert self.does(one.person.delete(f"/v1/me/factors/{factor}")).status_code == 200
        self.belief.app = None
        self.belief.over(but=one)
        self.belief.void()

    @precondition(lambda self: self.belief.app)
    @rule()
    def lose_it(self) -> None:
        answer = self._admin("DELETE", f"/v1/members/{self.id}/factors", WHY)
        assert answer.status_code == 204, answer.text
        self.belief.app = None
        self.belief.over()
        self.belief.void()

    @rule(which=ANY)
    def change_the_password(self, which: int) -> None:
        one, new = self._running(which), f"lantern-gravel-{self._tick()}"
        change = {"current_password": self.belief.password, "new_password": new}
        assert self.does(one.person.put("/v1/me/password", change)).status_code == 204
        self._replaced(new, but=one)

    @rule(later=st.sampled_from([1, 3599, 3600]))
    def recover(self, later: int) -> None:
        """By the newest of two links, and neither twice; the second factor stays what it was."""
        old, code, new = self._link(), self._link(), f"sonnet-marble-{self._tick()}"
        self._wait(seconds=later)
        answers = [self._recovered(one, new) for one in (old, code, code)]
        assert answers == ([410, 200, 409] if later == 1 else [410, 410, 410])
        if later == 1:
            self._replaced(new)

    @rule(roles=st.sampled_from([("therapist",), ("therapist", "supervisor"), ("reception",)]))
    def change_roles(self, roles: tuple[str, ...]) -> None:
        assert self._admin("PUT", f"/v1/members/{self.id}/roles", {"roles": roles}).status_code == 200
        changed, self.belief.roles = self.belief.roles != frozenset(roles), frozenset(roles)
        running = [one for one in self.belief.signed if one.runs]
        if changed and running:
            assert self.does(running[0].person.get("/v1/me")).status_code == 401, "a token with other roles"
            self._is(running[0])

    @rule()
    def suspend_for_a_while(self) -> None:
        assert self._admin("PUT", f"/v1/members/{self.id}/suspension", WHY).status_code == 200
        self.belief.over()
        for one in self.belief.signed:
            self._is(one)
        assert self.does(self._browser().first_step(self.belief.password)).status_code == 401
        assert self._admin("POST", f"/v1/members/{self.id}/reinstatement", None).status_code == 200

    @rule(which=ANY)
    def sign_out_everywhere_else(self, which: int) -> None:
        one = self._running(which)
        assert self.does(one.person.delete("/v1/me/sessions")).status_code == 204
        self.belief.over(but=one)

    def teardown(self) -> None:
        """In the end, each browser of each session gets what it should."""
        for one in self.belief.signed:
            self._is(one)
        if self.belief.password != PASSWORD:
            assert self.does(self._browser().first_step(PASSWORD)).status_code == 401

    @classmethod
    def does[T](cls, work: Coroutine[Any, Any, T]) -> T:
        """Nobody waits for having failed before: that has tests of its own."""
        cls.house.cache.held.clear()
        return cls.runner.run(work)

    def _is(self, one: Signed) -> None:
        """Whether its session goes on, is as strong, and says the roles, as believed; its access token with it."""
        answer = self.does(one.person.renew())
        assert answer.status_code == (200 if one.runs else 401), answer.text
        assert self.does(one.person.get("/v1/me")).status_code == answer.status_code
        if answer.status_code == 200:
            said = one.person.claims()
            assert (said.aal, said.roles) == (one.aal, self.belief.roles)

    def _one(self, which: int) -> Signed:
        return self.belief.signed[which % len(self.belief.signed)]

    def _running(self, which: int) -> Signed:
        """A session that goes on, with tokens of now; a new one if there is none."""
        if not any(one.runs for one in self.belief.signed):
            self.sign_in()
            if self.belief.app:
                self.second_step(len(self.belief.waiting) - 1)
        running = [one for one in self.belief.signed if one.runs]
        one = running[which % len(running)]
        self._is(one)
        return one

    def _proved(self, which: int) -> Signed:
        """A session whose owner just proved who they are."""
        one = self._running(which)
        self._wait(seconds=90)
        assert self.does(one.person.prove("password", password=self.belief.password)).status_code == 200
        return one

    def _replaced(self, password: str, *, but: Signed | None = None) -> None:
        self.belief.password = password
        self.belief.over(but=but)
        self.belief.void()

    def _link(self) -> str:
        """The code in the mail to who lost the password."""
        self._wait(seconds=1)
        assert self.does(self.house.visitor().post("/v1/recoveries", {"email": self.email})).status_code == 202
        _, asked = self.does(self.house.newest(RecoveryAskedV1))
        links = cast("Links", self.house.module.answers[Links])
        return self.does(links.recovery(person=asked.person)).url.split("#code=")[1]

    def _recovered(self, code: str, password: str) -> int:
        wish = {"code": code, "password": password}
        return int(self.does(self.house.visitor().post("/v1/recoveries/completion", wish)).status_code)

    def _admin(self, method: str, path: str, body: Any) -> httpx.Response:
        self._wait(seconds=90)
        admin = self.clinic.admin
        assert self.does(admin.sign_in()).status_code == 201
        answer: httpx.Response = self.does(admin.http.request(method, path, json=body, headers=admin.headers))
        return answer

    def _browser(self) -> Any:
        person = self.house.visitor()
        person.email = self.email
        return person

    def _wait(self, **time: float) -> None:
        self.house.clock.pass_(**time)

    def _tick(self) -> int:
        self._wait(seconds=1)
        return int(self.house.clock().timestamp())


@pytest.fixture
def doors(emptied: DatabaseSettings) -> Iterator[type[Doors]]:
    """The machine in an empty house, with a loop of its own."""
    with asyncio.Runner() as runner:
        database = Database(emptied, "identity")
        runner.run(database.open())
        Doors.runner, Doors.house = runner, assembled(database)
        yield Doors
        runner.run(database.close())


def test_no_order_of_events_leaves_a_session_that_should_not_be(doors: type[Doors]) -> None:
    few = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(doors, settings=few)
