"""The supervisor as a process of its own: `python -m mindlyfe.stack DIRECTORY OPTIONS CONTEXT…`."""

import sys
from pathlib import Path

import msgspec

from mindlyfe.stack.instance import make
from mindlyfe.stack.options import Options
from mindlyfe.stack.start import supervise


def main(directory: str, options: str, *contexts: str) -> int:
    """Run the platform until it is told to stop; the exit code."""
    state = supervise(make(Path(directory)), msgspec.json.decode(options, type=Options), contexts)
    return 1 if state.failure else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
