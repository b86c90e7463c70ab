"""What a patient reads of emergency accesses to their record: those they were told of.

A notice that waits for its review, or is withheld because it would do harm, must not be read off the access log or out
of an export instead. Nothing says that something is left out: that alone would tell.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Instant, PersonId

SLACK: Final = timedelta(minutes=1)
"""Clocks differ, and what ended is reached for some seconds more: such a look belongs to the access, too."""
OF_ITSELF: Final = "break-glass/"
"""How the audit names one, when it tells of the emergency access itself."""


class Emergency(msgspec.Struct, frozen=True, kw_only=True):
    """One emergency access to somebody's record, and whether they were told of it."""

    glass: UUID
    clinician: PersonId
    since: Instant
    until: Instant
    told: bool


def may_read(known: Sequence[Emergency], *, actor: UUID, thing: str, at: datetime) -> bool:
    """Whether the patient may read this line, which an emergency access left. What belongs to none stays unread."""
    if thing.startswith(OF_ITSELF):
        return any(one.told and thing == f"{OF_ITSELF}{one.glass}" for one in known)
    within = [one for one in known if one.clinician == actor and one.since - SLACK <= at < one.until + SLACK]
    return bool(within) and all(one.told for one in within)
