"""The main job with a process per context behind Envoy, and the same while parts are killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect, refused
from mindlyfe.identity.bootstrap import new_setup_link
from mindlyfe.kernel.config import load
from mindlyfe.stack import instance, state
from mindlyfe.stack.ports import free_port

pytestmark = pytest.mark.stack
KILLS = 6
SEED = 20261123
PATIENCE_S = 600
LONGER_THAN_ANY_ANSWER_S = 16


@dataclass(frozen=True)
class Apart:
    """A platform started by the command line, `--apart`."""

    data: Path

    def mindlyfe(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command on it."""
        return subprocess.run(
            [sys.executable, "-m", "mindlyfe", *words, "--data-dir", str(self.data)],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def running(self) -> state.State:
        """What runs there."""
        found = state.read(self._instance())
        assert found is not None
        return found

    def clinic(self, run: str = "killed") -> Clinic:
        """A clinic that was just opened; its people's addresses end in the run's name."""
        settings, base = load(file=self._instance().settings), self.running().url
        link = asyncio.run(new_setup_link(settings))
        return Clinic.open(base, Mailbox(f"{base}/dev/mailbox"), run, "Harbour Clinic", link)

    def kill(self, name: str) -> None:
        """kill -9 one part, and wait for the next of its name."""
        [part] = [part for part in self.running().parts if part.name == name]
        assert part.process is not None
        victim = part.process.pid
        os.kill(victim, signal.SIGKILL)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            [now] = [part for part in self.running().parts if part.name == name]
            if now.state == "running" and now.process and now.process.pid != victim:
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} did not come back")

    def _instance(self) -> instance.Instance:
        found = instance.find(self.data)
        assert found is not None
        return found

    def held(self, *words: str) -> list[dict[str, Any]]:
        """Run a command that prints steps as JSON; all of them must hold."""
        done = self.mindlyfe(*words, "--json")
        assert done.stdout, done.stderr[-2000:]
        report: dict[str, Any] = json.loads(done.stdout)
        broken = [step for step in report["steps"] if not step["held"]]
        assert not broken, broken
        assert done.returncode == 0
        steps: list[dict[str, Any]] = report["steps"]
        return steps


@pytest.fixture(scope="module")
def apart(directory: Path) -> Iterator[Apart]:
    there = Apart(directory / "apart")
    started = there.mindlyfe("up", "--detach", "--apart", "--port", str(free_port()))
    assert started.returncode == 0, started.stdout + started.stderr
    yield there
    assert there.mindlyfe("down").returncode == 0


def test_each_context_has_a_process_of_its_own(apart: Apart) -> None:
    parts = {part["name"] for part in json.loads(apart.mindlyfe("status", "--json").stdout)["parts"]}
    assert {"identity", "therapy", "notifications", "relay", "envoy"} <= parts


def test_the_main_job_holds_apart(apart: Apart) -> None:
    steps = apart.held("demo")
    assert not any(step["skipped"] for step in steps)


def test_an_inbox_streams_through_the_gateway_past_its_time_limit_and_ends_with_the_session(apart: Apart) -> None:
    amina = apart.clinic("streams").register("Amina", "amina")
    stream = f"{amina.base}/v1/inbox/stream"
    began = time.monotonic()
    with httpx.stream("GET", stream, headers=amina.authorization, timeout=PATIENCE_S) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("data: ")) == 'data: {"unread":0,"new":[]}'
        while time.monotonic() - began < LONGER_THAN_ANY_ANSWER_S:
            next(lines)
        expect(amina.call("POST", "/v1/me/exports"), 202)
        news = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
        shown = expect(amina.call("GET", f"/v1/inbox/{news['new'][0]}"), 200).json()
        assert (news["unread"], shown["kind"], shown["title"]) == (1, "export-ready", "Your copy is ready")
        amina.sign_out()
        assert not [line for line in lines if line.startswith("data: ")]
    refused(httpx.get(stream, headers=amina.authorization, timeout=PATIENCE_S), 401)


def test_what_identity_acknowledged_survives_its_death_and_is_told_once(apart: Apart) -> None:
    """A recovery, a registration and an invitation, all accepted; then kill -9, before their mail can have gone."""
    clinic, base = apart.clinic(), apart.running().url
    amina, tim, priya = (Person(base, name, f"{name.lower()}@killed.example") for name in ("Amina", "Tim", "Priya"))
    register(clinic, amina)
    proof = {"code": clinic.mailbox.expect(amina.email, "confirm").code, "password": amina.password}
    expect(amina.call("POST", "/v1/verifications", proof), 200)
    expect(amina.call("POST", "/v1/recoveries", {"email": amina.email}), 202)
    register(clinic, tim)
    offer = {"email": priya.email, "name": priya.name, "roles": ["reception"]}
    expect(clinic.administrator.call("POST", "/v1/invitations", offer), 201)
    apart.kill("identity")
    link = clinic.mailbox.expect(amina.email, "password").code
    amina.password = "lantern-gravel-sonnet"
    completion = {"code": link, "password": amina.password}
    expect(amina.call("POST", "/v1/recoveries/completion", completion), 200)
    proof = {"code": clinic.mailbox.expect(tim.email, "confirm").code, "password": tim.password}
    expect(tim.call("POST", "/v1/verifications", proof), 200)
    joining = {"code": clinic.mailbox.expect(priya.email, "invit").code, "password": priya.password, "zone": priya.zone}
    expect(priya.call("POST", "/v1/invitations/acceptance", joining), 200)
    for person in (amina, tim, priya):
        person.sign_in()
    clinic.mailbox.expect(amina.email, "was changed")
    told = [mail for person in (amina, tim, priya) for mail in clinic.mailbox.of(person.email)]
    assert len({mail.message_id for mail in told}) == 5, [mail.subject for mail in told]
    assert len(told) == 5, "each once"


def register(clinic: Clinic, person: Person) -> None:
    """Ask to join as a patient."""
    asked = {"clinic": clinic.code, "name": person.name, "email": person.email, "password": person.password}
    asked |= {"date_of_birth": "1990-04-02", "zone": person.zone, "locale": "en-GB"}
    expect(person.call("POST", "/v1/registrations", asked), 202)


def test_nothing_acknowledged_is_lost_when_parts_are_killed(apart: Apart) -> None:
    steps = apart.held("chaos", "--kills", str(KILLS), "--seed", str(SEED))
    assert sum("kills while" in step["step"] for step in steps) == 1
