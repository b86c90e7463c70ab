"""`bench`: run a benchmark."""

import subprocess
import sys
from typing import Annotated

from cyclopts import Parameter

from mindlyfe.commands.test import ROOT
from mindlyfe.stack.options import Refused


def bench(name: str, *words: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Run a benchmark; more words go to it.

    Parameters
    ----------
    name
        A package of `benchmarks/`: `events`, `gateway`, `identity`, …
    """
    known = sorted(file.parent.name for file in (ROOT / "benchmarks").glob("*/__main__.py"))
    if name not in known:
        raise Refused(f"There is no benchmark {name}; there are {', '.join(known) or 'none'}.")
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *words], cwd=ROOT, check=False).returncode
