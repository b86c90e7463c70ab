"""Consent: what a person permits, for which purpose and whom; given, withdrawn, provable.

Withdrawing ends what may be done from then on. It does not undo what was lawfully done before: data that a clinical
decision rests on stays in the record, and so does the proof of the consent.
"""

from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.commands import Locale, Name
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId, TenantId

type Purpose = Literal["treatment", "recording", "transcription", "ai-analysis", "research", "wearables"]
type RecipientKind = Literal["clinic", "app", "study", "person"]
type Way = Literal["self", "guardian", "paper"]
"""By whom: the person here; their guardian, as staff recorded; on paper before a witness, as staff recorded."""
type Standing = Literal["given", "withdrawn", "expired"]

Wording = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=10_000,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x08\x0b-\x1f\x7f]*$",
        description="The whole text that is shown, as it is.",
        examples=["I agree that my sessions are recorded for my treatment."],
    ),
]
RecipientName = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{1,128}$", description="Which app, study or person: an id.")
]
WithdrawalReason = Annotated[str, msgspec.Meta(max_length=500, examples=["I changed my mind."])]


class Recipient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may: the clinic itself, or an app, a study or a person by its id."""

    kind: RecipientKind = "clinic"
    id: RecipientName | None = None


CLINIC = Recipient()


class PublishText(Command, frozen=True):
    """The wording for a purpose in one language, from now on. Earlier ones stay as they are."""

    purpose: Purpose
    language: Locale
    text: Wording


class GiveConsent(Command, frozen=True):
    """Permit what `text` says. `text` is the version that was shown."""

    text: UUID
    recipient: Recipient = CLINIC
    expires_at: Instant | None = None


class RecordConsent(Command, frozen=True):
    """A consent that was not given here: by the guardian, or on paper before a witness."""

    text: UUID
    how: Literal["guardian", "paper"]
    recipient: Recipient = CLINIC
    expires_at: Instant | None = None
    witness: Name | None = None
    """Who saw the signature; needed on paper."""


class WithdrawConsent(Command, frozen=True):
    """Permit it no longer."""

    purpose: Purpose
    recipient: Recipient = CLINIC
    reason: WithdrawalReason = ""


class CheckProof(Command, frozen=True):
    """A proof that somebody shows."""

    proof: Annotated[str, msgspec.Meta(max_length=60_000, pattern=r"^[A-Za-z0-9_.-]+$", description="A compact JWS.")]


class ConsentText(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a wording. It never changes; `hash` is SHA-256 over purpose, language, version and text."""

    id: UUID
    purpose: Purpose
    language: str
    version: int
    hash: str
    text: str
    published_at: Instant


class ConsentSaved(msgspec.Struct, frozen=True):
    """The person's consents stand at this version."""

    person: PersonId
    version: int


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a consent stands."""

    purpose: Purpose
    recipient: Recipient
    standing: Standing
    since: Instant
    expires_at: Instant | None
    text: UUID
    version: int
    """Of the text."""


class ConsentChange(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history: given or withdrawn, by whom, how, and the text that was shown."""

    id: UUID
    given: bool
    purpose: Purpose
    recipient: Recipient
    at: Instant
    by: PersonId
    how: Way
    text: UUID | None
    version: int | None
    expires_at: Instant | None
    reason: str


class ConsentHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All changes, oldest first."""

    items: list[ConsentChange]
    version: int


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed to: the exact text, by whom, when, how, and how well the session knew them."""

    consent: UUID
    organisation: TenantId
    person: PersonId
    purpose: Purpose
    recipient: Recipient
    text: UUID
    text_version: int
    text_hash: str
    wording: str
    at: Instant
    by: PersonId
    how: Way
    witness: str | None
    guardian: str | None
    session: UUID
    aal: int
    authenticated_at: Instant
    expires_at: Instant | None
    withdrawn_at: Instant | None
    """When it was withdrawn, if it was by `issued_at`."""
    issued_at: Instant


class SignedProof(msgspec.Struct, frozen=True):
    """A proof, and the same as a JWS that we can recognise later."""

    proof: Proof
    signed: str


class ConsentChangedV1(Event, frozen=True, tag="identity.consent-changed.v1"):
    """A person permits something, or no longer.

    Who holds what the consent allowed stops and deletes it, but for what `keeps_clinical_basis` covers: what a clinical
    decision rests on stays in the record.
    """

    person: PersonId
    purpose: Purpose
    recipient: Recipient
    given: bool
    keeps_clinical_basis: bool


class ConsentAnswer(msgspec.Struct, frozen=True):
    """Whether it is permitted now; `version` of the text and `since` when, if it is."""

    given: bool
    version: int | None = None
    since: Instant | None = None


class Consents(Protocol):
    """Fresh answers, at the moment of use."""

    async def given(
        self, *, tenant: TenantId, person: PersonId, purpose: Purpose, recipient: Recipient | None = None
    ) -> ConsentAnswer:
        """Whether the person permits the purpose to the recipient (None: the clinic) now.

        Nobody unknown or erased permits anything. Raises Unavailable: then nothing is permitted either, and no earlier
        answer stands in for this one.
        """
        ...
