"""The table of steps: what was tried, how long it took, what came of it."""

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(slots=True)
class Step:
    """One line of the table. `outcome` is what the step found, `held` whether it is what must hold."""

    name: str
    seconds: float = 0.0
    outcome: str = ""
    held: bool = True
    skipped: bool = False

    def found(self, outcome: str) -> None:
        """Say what came of it."""
        self.outcome = outcome

    def skip(self, reason: str) -> None:
        """Not done here, and why."""
        self.skipped, self.outcome = True, reason


@dataclass(slots=True)
class Report:
    """All steps so far; prints itself as it goes unless it is to be JSON."""

    as_json: bool = False
    title: str = "MindLyfe demo"
    steps: list[Step] = field(default_factory=list[Step])
    console: Console = field(default_factory=Console)

    @contextmanager
    def step(self, name: str) -> Generator[Step]:
        """Time a step; an AssertionError inside marks it as not holding, and the demo goes on."""
        step = Step(name)
        self.steps.append(step)
        began = time.perf_counter()
        try:
            yield step
        except AssertionError as broken:
            step.held, step.outcome = False, str(broken)
        finally:
            step.seconds = time.perf_counter() - began
            if not self.as_json:
                self.console.print(f"  {self._mark(step)} {step.name} [dim]({step.seconds:.2f} s)[/dim]")

    @property
    def held(self) -> bool:
        """Whether every step holds."""
        return bool(self.steps) and all(step.held for step in self.steps)

    def show(self) -> None:
        """The whole table, or JSON."""
        if self.as_json:
            rows = [
                {
                    "step": s.name,
                    "seconds": round(s.seconds, 3),
                    "outcome": s.outcome,
                    "held": s.held,
                    "skipped": s.skipped,
                }
                for s in self.steps
            ]
            print(json.dumps({"held": self.held, "steps": rows}, indent=2))
            return
        table = Table(title=self.title)
        for column in ("", "step", "seconds", "outcome"):
            table.add_column(column, justify="right" if column == "seconds" else "left", overflow="fold")
        for s in self.steps:
            table.add_row(self._mark(s), s.name, f"{s.seconds:.2f}", s.outcome)
        self.console.print(table)
        self.console.print("[green]Everything holds.[/green]" if self.held else "[red]Something does not hold.[/red]")

    @staticmethod
    def _mark(step: Step) -> str:
        if step.skipped:
            return "[yellow]–[/yellow]"
        return "[green]✓[/green]" if step.held else "[red]✗[/red]"
