"""The same over HTTP, with PostgreSQL: whatever order things happen in, the sessions that go on are those that should.

Few runs, as each step hashes passwords; the domain's own machines make many.
"""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from tests.identity.conftest import assembled
from tests.identity.doors import ANY, Browsers

from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.postgres import Database

RUNS, STEPS = 6, 14
WHY = {"reason": "Came to the desk."}


class Doors(Browsers):
    """All that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        if self.number % 2:
            self.get_an_app(0)

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
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(doors, settings=few)
