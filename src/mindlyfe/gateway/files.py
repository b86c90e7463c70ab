"""Static files the edge serves by itself: they are there when every service is down."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from mindlyfe.gateway.frame import framed

CONTENT_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}


LARGEST_FILE_BYTES: Final = 4 * 1024 * 1024
"""Not the size of what is there today: an edited page must not keep a restarted edge from coming up."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file, and the path it is served at."""

    path: str
    source: Path
    text: str | None = None
    """What is served instead of the file as it is: a page in its frame."""
    content_type: str
    etag: str
    immutable: bool
    """Its name holds a hash of its content: browsers need never ask again."""


def files(pages: Sequence[Path], web: Path | None, frame: Path | None = None) -> list[File]:
    """All files under the directories, by path; a later directory takes a path from an earlier one.

    Our own pages are put into the `frame`; those of the built client are whole.

    `/about.html` is served as `/about`, `index.html` as its directory. Files in `assets/` of the built
    client carry a hash in their names. Raises ValueError for a file whose content type is unknown.
    """
    served = {file.path: file for directory in pages for file in _below(directory, frame, hashed=False)}
    if web is not None:
        served |= {file.path: file for file in _below(web, None, hashed=True)}
    return [served[path] for path in sorted(served)]


def _below(directory: Path, frame: Path | None, *, hashed: bool) -> list[File]:
    return [_file(directory, source, frame, hashed) for source in sorted(directory.rglob("*")) if _visible(source)]


def _visible(source: Path) -> bool:
    return source.is_file() and not source.name.startswith(".")


def _file(directory: Path, source: Path, frame: Path | None, hashed: bool) -> File:
    name = source.relative_to(directory)
    if source.suffix not in CONTENT_TYPES:
        raise ValueError(f"{source}: no content type is known for {source.suffix or 'a file without suffix'}")
    text = framed(source, frame) if frame is not None and source.suffix == ".html" else None
    content = source.read_bytes() if text is None else text.encode()
    return File(
        path=_path(name),
        source=source.resolve(),
        text=text,
        content_type=CONTENT_TYPES[source.suffix],
        etag=f'"{sha256(content).hexdigest()[:20]}"',
        immutable=hashed and name.parts[0] == "assets",
    )


def _path(name: Path) -> str:
    if name.suffix != ".html":
        return f"/{name.as_posix()}"
    return f"/{name.with_suffix('').as_posix()}".removesuffix("index").rstrip("/") or "/"
