"""`logs`: what the parts wrote."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from mindlyfe.commands.common import DEFAULT, DataDir, instance_in
from mindlyfe.stack.logs import log_file, tail
from mindlyfe.stack.options import Refused


def logs(
    name: str = "",
    *,
    data_dir: DataDir = DEFAULT,
    follow: Annotated[bool, Parameter(name=["--follow", "-f"], negative="")] = False,
    lines: Annotated[int, Parameter(name=["--lines", "-n"])] = 40,
) -> None:
    """Show what the parts wrote.

    Parameters
    ----------
    name
        One part, as `status` calls it; all without it.
    follow
        Go on showing what is written, until Ctrl-C.
    lines
        How many of the last lines to begin with, per part.
    """
    instance = instance_in(data_dir)
    files = sorted(instance.logs.glob("*.log"))
    if name:
        if log_file(instance, name) not in files:
            raise Refused(f"No part called {name} wrote anything; there are {', '.join(f.stem for f in files)}.")
        files = [log_file(instance, name)]
    console = Console(highlight=False, soft_wrap=True)
    offsets = {file: file.stat().st_size for file in files}
    for file in files:
        _print(console, file, tail(file, lines), several=not name)
    while follow:
        time.sleep(0.2)
        for file, offset in offsets.items():
            size = file.stat().st_size
            if size != offset:
                _print(console, file, tail(file, 1000, offset), several=not name)
                offsets[file] = size


def _print(console: Console, file: Path, lines: Sequence[str], *, several: bool) -> None:
    for line in lines:
        console.print(f"{file.stem:12} {line}" if several else line, markup=False)
