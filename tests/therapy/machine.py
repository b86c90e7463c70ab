"""Plays a state machine of Hypothesis with a whole clinic: its rules are calls, its steps wait for PostgreSQL."""

import asyncio
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def played(new_clinic: Any, machine: type[RuleBasedStateMachine], how: settings) -> None:
    """Play it; its `clinic` is an open one, its `run` waits for what a step begins."""
    with asyncio.Runner() as runner:
        door = new_clinic()
        there = {"clinic": runner.run(door.__aenter__()), "run": staticmethod(runner.run)}
        try:
            run_state_machine_as_test(type("Here", (machine,), there), settings=how)
        finally:
            runner.run(door.__aexit__(None, None, None))
