"""`test`: run the tests."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

ROOT = Path(__file__).parents[3]


def test(
    *words: Annotated[str, Parameter(allow_leading_hyphen=True)],
    soak: Annotated[bool, Parameter(negative="")] = False,  # noqa: PT028 - a command, not a test
) -> int:
    """Run the tests. All other words go to pytest.

    Parameters
    ----------
    soak
        The long runs too.
    """
    chosen = [] if soak or "-m" in words else ["-m", "not soak"]
    if not words:  # all of them: a worker per core, each with servers of its own
        chosen += ["-n", str(os.cpu_count() or 1), "--dist", "loadfile"]
    return subprocess.run([sys.executable, "-m", "pytest", *chosen, *words], cwd=ROOT, check=False).returncode
