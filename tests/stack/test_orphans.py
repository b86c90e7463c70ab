"""After kill -9 of a supervisor: what is ours is ended, what only looks like it is not."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

import pytest

from mindlyfe.stack import state
from mindlyfe.stack.instance import Instance, make
from mindlyfe.stack.orphans import end_orphans, orphans
from mindlyfe.stack.state import PartState, Process, State, identify, lives, now


class Children:
    """Starts sleeping processes and ends them after the test."""

    def __init__(self) -> None:
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self, mark: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """One whose environment carries `mark`."""
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(600)"],
            env={"PATH": os.defpath, **mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert child.stdout
        child.stdout.readline()
        self.all.append(child)
        return child


@pytest.fixture
def children() -> Iterator[Children]:
    started = Children()
    yield started
    for child in started.all:
        child.kill()
        child.wait()


def test_the_marked_are_ended(instance: Instance, children: Children) -> None:
    mine = children.start(instance.mark)
    identity = identify(mine.pid)
    assert [process.pid for process in orphans(instance)] == [mine.pid]
    assert end_orphans(instance) == [mine.pid]
    assert not lives(identity)


def test_those_of_another_instance_are_left_alone(instance: Instance, children: Children) -> None:
    other = make(instance.directory.with_name("other"))
    theirs = children.start(other.mark)
    same_name = children.start({**other.mark, "MINDLYFE_INSTANCE": instance.id})
    unmarked = children.start({})
    assert end_orphans(instance) == []
    assert all(child.poll() is None for child in (theirs, same_name, unmarked))


def record(instance: Instance, process: Process) -> None:
    part = PartState(name="one", tier=0, stop_signal=2, process=process, since=now())
    state.write(
        instance,
        State(
            supervisor=Process(1, 0),
            instance=instance.id,
            mode="development",
            url="",
            phase="ready",
            started_at=now(),
            parts=[part],
        ),
    )


def test_a_recorded_one_is_ended_by_its_signal(instance: Instance, children: Children) -> None:
    mine = children.start({})
    identity = identify(mine.pid)
    record(instance, identity)
    assert end_orphans(instance) == [mine.pid]
    assert not lives(identity)
    assert b"KeyboardInterrupt" in mine.stderr.read() if mine.stderr else False


def test_a_later_process_with_a_recorded_number_is_not_ours(instance: Instance, children: Children) -> None:
    stranger = children.start({})
    record(instance, Process(stranger.pid, time.time() - 3600))
    assert end_orphans(instance) == []
    assert stranger.poll() is None
