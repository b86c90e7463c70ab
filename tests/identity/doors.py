"""Somebody with several browsers at the doors of identity, and what should be true of them."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar, cast

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from tests.identity.conftest import House

from mindlyfe.identity.contract.flows import RecoveryAskedV1
from mindlyfe.identity.contract.questions import Links
from mindlyfe.identity.testing.person import PASSWORD

ANY = st.integers(min_value=0, max_value=50)


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


class Browsers(RuleBasedStateMachine):
    """How they get in, beside the beliefs; what else may happen is for who inherits."""

    house: ClassVar[House]
    runner: ClassVar[asyncio.Runner]
    numbers: ClassVar[Iterator[int]] = count(1)

    def __init__(self) -> None:
        super().__init__()
        self.number = next(self.numbers)
        self.clinic = self.does(self.house.clinic(f"Clinic{self.number}"))
        self.does(self.clinic.admin.strengthen())
        first = self.does(self.clinic.staff("therapist", email=f"sam{self.number}@mail.example", strong=False))
        self.email, self.id = first.email, first.id
        self.belief = Believed(signed=[Signed(first, 1)])

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
