"""The parts' log files: where they are, their last lines, and their turning when they grow."""

import shutil
from pathlib import Path
from typing import Final

from mindlyfe.stack.instance import Instance

LARGEST: Final = 20 * 1024 * 1024
"""Bytes after which a file is turned; one older file is kept."""


def log_file(instance: Instance, name: str) -> Path:
    """Where the part called `name` writes."""
    return instance.logs / f"{name}.log"


def tail(file: Path, lines: int, offset: int = 0) -> list[str]:
    """The last `lines` lines after `offset` bytes, within the last 64 KiB."""
    if not file.exists():
        return []
    with file.open("rb") as log:
        size = log.seek(0, 2)
        log.seek(max(offset if offset <= size else 0, size - 65_536))
        return log.read().decode(errors="replace").splitlines()[-lines:]


def turn(instance: Instance, largest: int = LARGEST) -> None:
    """Copy each grown file aside and empty it: its writer keeps it open for appending and goes on at the beginning."""
    for file in instance.logs.glob("*.log"):
        if file.stat().st_size > largest:
            shutil.copyfile(file, file.with_suffix(".log.1"))
            with file.open("r+b") as log:
                log.truncate()
