"""What an operator should know before it hurts: a disk that fills, a clock that jumps."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mindlyfe.stack.state import now

LEAST_FREE_BYTES: Final = 2 * 1024**3
LEAST_FREE_SHARE: Final = 0.05
AMPLE_BYTES: Final = 20 * 1024**3
"""Enough on any disk, whatever share of it that is."""
LARGEST_STEP_S: Final = 1.0
REMEMBERED_S: Final = 3600.0


def disk(directory: Path) -> str | None:
    """A warning when the disk under `directory` is nearly full."""
    there = shutil.disk_usage(directory)
    enough = min(AMPLE_BYTES, max(LEAST_FREE_BYTES, int(LEAST_FREE_SHARE * there.total)))
    if there.free >= enough:
        return None
    return (
        f"The disk under {directory} is nearly full: {there.free / 1024**3:.1f} GiB "
        f"({there.free / there.total:.0%}) free. Free some before the database must stop."
    )


def elapsed() -> float:
    """Seconds that no setting of the clock changes, counting sleep where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(slots=True)
class Clock:
    """Compares the wall clock's progress with the time that passed."""

    ahead_s: float = field(default_factory=lambda: time.time() - elapsed())
    said: str = ""
    said_at: float = 0.0

    def check(self) -> str | None:
        """A warning, kept for an hour, when the wall clock was set by more than a second since the last check."""
        ahead, passed = time.time() - elapsed(), elapsed()
        step, self.ahead_s = ahead - self.ahead_s, ahead
        if abs(step) > LARGEST_STEP_S:
            self.said_at = passed
            self.said = f"The system clock was set by {step:+.1f} s at {now():%Y-%m-%d %H:%M:%SZ}: check what sets it."
        return self.said if self.said and passed - self.said_at < REMEMBERED_S else None
