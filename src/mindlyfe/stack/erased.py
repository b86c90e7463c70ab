"""The lists of erasures that lie in backups: in the one that is restored, and in those that were made later."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mindlyfe.assembly import Assembly
from mindlyfe.identity.restored import FOLDER, repeat_erasures
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.transport.inprocess import InProcess
from mindlyfe.stack import manifest
from mindlyfe.stack.manifest import BadBackup, Manifest

WITHIN: Final = f"identity/{FOLDER}/"


def later(directory: Path, described: Manifest) -> list[Path]:
    """Backups of the same installation beside this one that were made after it, damaged ones left out."""
    found: list[Path] = []
    for beside in sorted(directory.resolve().parent.iterdir()):
        try:
            other = manifest.read(beside) if beside.is_dir() else None
        except BadBackup:
            continue
        if other and other.root_key == described.root_key and other.made_at > described.made_at:
            found.append(beside)
    return found


def listed(backups: Sequence[Path]) -> list[str]:
    """All signed lists in these backups. Raises BadBackup."""
    return [
        (backup / stored.file).read_text()
        for backup in backups
        for stored in manifest.read(backup).objects
        if stored.key.startswith(WITHIN)
    ]


def erase_again(settings: Settings, contexts: Sequence[str], signed: Sequence[str]) -> int:
    """Repeat the erasures in the filled databases and bucket; how many. Raises Unavailable."""
    return asyncio.run(_repeated(settings, contexts, signed))


async def _repeated(settings: Settings, contexts: Sequence[str], signed: Sequence[str]) -> int:
    assembly = Assembly.of(settings, tuple(contexts), InProcess())
    await assembly.open()
    try:
        return await repeat_erasures(assembly.platforms["identity"], signed)
    finally:
        await assembly.close()
