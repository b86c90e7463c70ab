"""What a backup says about itself: when and from what it was made, and a checksum of each file."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from mindlyfe.stack.instance import replace

NAME: Final = "manifest.json"
FORMAT: Final = 1


class BadBackup(Exception):
    """The backup is incomplete, damaged, or of another kind; the words say which."""


class File(msgspec.Struct, frozen=True):
    """One file of the backup, its path relative to the backup's directory."""

    path: str
    bytes: int
    sha256: str


class Object(msgspec.Struct, frozen=True):
    """One object of the object store and the file that holds it."""

    key: str
    file: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Written last: a backup without it is not one."""

    format: int = FORMAT
    made_at: datetime
    version: str
    postgresql: str
    contexts: Sequence[str]
    root_key: str
    """Tells a wrong root key from the right one, and nothing about it."""
    demo: bool
    """Whether there are demo people in it: then it can never go live."""
    objects: Sequence[Object]
    files: Sequence[File]


def describe(directory: Path) -> list[File]:
    """All files below `directory`."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != NAME)
    return [File(str(path.relative_to(directory)), path.stat().st_size, _digest(path)) for path in paths]


def write(directory: Path, manifest: Manifest) -> None:
    """Finish the backup in `directory`."""
    replace(directory / NAME, msgspec.json.format(msgspec.json.encode(manifest)))


def read(directory: Path) -> Manifest:
    """The manifest of a whole and undamaged backup. Raises BadBackup."""
    try:
        manifest = msgspec.json.decode((directory / NAME).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BadBackup(f"{directory} has no {NAME}: it is not a backup, or one that was not finished.") from None
    except msgspec.DecodeError as wrong:
        raise BadBackup(f"{directory / NAME} cannot be read: {wrong}") from wrong
    if manifest.format != FORMAT:
        raise BadBackup(f"{directory} has format {manifest.format}; this version reads format {FORMAT}.")
    for file in manifest.files:
        path = directory / file.path
        if not path.resolve().is_relative_to(directory.resolve()) or not path.is_file():
            raise BadBackup(f"{path} is missing.")
        if _digest(path) != file.sha256:
            raise BadBackup(f"{path} was changed or damaged since the backup was made.")
    return manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
