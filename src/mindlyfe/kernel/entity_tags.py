"""Entity tags: what names a version that may be changed, and an answer that need not be sent again (RFC 9110, 8.8.3).

A read's tag is its version and a digest of its body: what else is shown in it may change while the version stands.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from mindlyfe.kernel.errors import Malformed

IF_MATCH: Final[Mapping[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the version to change.",
    "example": '"3"',
    "schema": {"type": "string", "pattern": r'^"(0|[1-9][0-9]{0,8})(\.[0-9a-f]{16})?"$'},
}
"""As OpenAPI describes it."""
IF_NONE_MATCH: Final[Mapping[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETags of what the caller has: one of them being the answer's, it is not sent again.",
    "example": '"3.5f2a9c0d1e2f3a4b"',
    "schema": {"type": "string"},
}
ETAG: Final[Mapping[str, Any]] = {
    "ETag": {
        "description": "The version, for If-Match; of a read, for If-None-Match, too.",
        "schema": {"type": "string"},
    }
}
UNCHANGED: Final[Mapping[str, Any]] = {"304": {"description": "What the caller has is the answer.", "headers": ETAG}}
_TAG: Final = re.compile(r'"(0|[1-9][0-9]{0,8})(?:\.[0-9a-f]{16})?"')
_TAGS: Final = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def tag_of(version: int, body: bytes | None = None) -> bytes:
    """The tag of a version; with `body`, of this view of it."""
    return b'"%d"' % version if body is None else f'"{version}.{blake2b(body, digest_size=8).hexdigest()}"'.encode()


def expected_version(headers: Mapping[bytes, bytes]) -> int | None:
    """The version in `If-Match: "3"`. Raises Malformed; `*` says nothing about a version and is refused."""
    raw = headers.get(b"if-match")
    if raw is None:
        return None
    found = _TAG.fullmatch(raw.decode("latin-1").strip())
    if not found:
        raise Malformed('If-Match takes one ETag as it was given, such as "3".')
    return int(found[1])


def known(headers: Mapping[bytes, bytes], tag: bytes) -> bool:
    """Whether If-None-Match says that the caller has what `tag` names; weak tags count (RFC 9110, 13.1.2)."""
    raw = headers.get(b"if-none-match", b"").strip()
    return raw == b"*" or tag.removeprefix(b"W/") in _TAGS.findall(raw)
