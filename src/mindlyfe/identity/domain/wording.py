"""The texts that people agree to: one wording per purpose and language, in versions that never change."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.consents import Purpose
from mindlyfe.kernel.attest import fingerprint
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Event, Instant, PersonId, TenantId


class Published(Event, frozen=True, tag="consent-text.published.v1"):
    """From now on, this is shown. `number` counts from 1; `hash` is over all that makes the version."""

    text: UUID
    purpose: Purpose
    language: str
    number: int
    wording: str
    hash: str
    by: PersonId
    at: Instant


type Change = Published


class Wordings(msgspec.Struct, frozen=True, kw_only=True):
    """All versions for a purpose in one language."""

    published: tuple[Published, ...]


def evolve(state: Wordings | None, change: Change) -> Wordings:
    """The versions after `change`."""
    return Wordings(published=(*(state.published if state else ()), change))


def publish(
    state: Wordings | None,
    tenant: TenantId,
    purpose: Purpose,
    language: str,
    wording: str,
    *,
    by: PersonId,
    now: Instant,
) -> Sequence[Change]:
    """Publish the next version; the same words again are the version that there is."""
    known = state.published if state else ()
    if known and known[-1].wording == wording:
        return []
    number = len(known) + 1
    published = Published(
        text=derived("consent-text", tenant, purpose, language, number),
        purpose=purpose,
        language=language,
        number=number,
        wording=wording,
        hash=fingerprint(purpose, language, str(number), wording),
        by=by,
        at=now,
    )
    return [published]
