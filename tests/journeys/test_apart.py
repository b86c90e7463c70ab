"""The main job with a process per context behind Envoy, and the same while parts are killed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mindlyfe.stack.ports import free_port

pytestmark = pytest.mark.stack
KILLS = 6
SEED = 20261123
PATIENCE_S = 600


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


def test_nothing_acknowledged_is_lost_when_parts_are_killed(apart: Apart) -> None:
    steps = apart.held("chaos", "--kills", str(KILLS), "--seed", str(SEED))
    assert sum("kills while" in step["step"] for step in steps) == 1
