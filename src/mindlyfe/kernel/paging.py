"""Cursor paging: a page of things, and an opaque word that asks for the next."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.problems import FieldError, WrongFields

BEGINNING: Final = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
"""Before every key of an instant and an id: where the first page of a list by time begins."""


class Page[T](msgspec.Struct, frozen=True):
    """Part of a list. `next`, when there is more, is the `cursor` of the following request."""

    items: Sequence[T]
    next: str | None = None


def cursor(*key: Any) -> str:
    """The word for "after this key". The key is what the query sorts by: instants, identifiers, numbers."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def after[K](word: str | None, key: type[K]) -> K | None:
    """The key in a cursor made by `cursor`, as a tuple type such as `tuple[datetime, UUID]`; None for the first page.

    Raises WrongFields for a word that we did not make.
    """
    if word is None:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)), type=key)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as wrong:
        raise WrongFields(FieldError("cursor", "This is not the `next` of an earlier page.")) from wrong
