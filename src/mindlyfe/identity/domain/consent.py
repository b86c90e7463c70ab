"""What a person permits in one organisation: the fold of all that they gave and withdrew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.consents import ConsentAnswer, Purpose, Recipient, Standing, Way
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Event, Instant, PersonId

CLINICAL: Final[frozenset[Purpose]] = frozenset({"treatment", "wearables"})
"""Purposes whose data clinical decisions rest on."""


class UnknownText(DomainError):
    """There is no such text of this clinic."""

    status = 422
    code = "unknown-text"
    advice = "Show one of the clinic's consent texts, and send its id."


class TextSuperseded(DomainError):
    """There is a newer version of the text."""

    code = "text-superseded"
    advice = "Show the newest version, and ask again."


class RecipientUnclear(DomainError):
    """An app, a study or a person has an id; the clinic has none."""

    status = 422
    code = "recipient-unclear"
    advice = "Send `id` with every kind but `clinic`."


class ExpiryPast(DomainError):
    """The consent would have ended before it began."""

    status = 422
    code = "expiry-past"
    advice = "Let it end in the future, or send no end."


class WitnessNeeded(DomainError):
    """A consent on paper has a witness."""

    status = 422
    code = "witness-needed"
    advice = "Give the name of who saw the signature."


class NoGuardian(DomainError):
    """The person's profile names no guardian."""

    status = 422
    code = "no-guardian"
    advice = "Enter the guardian in the profile first."


class NotGiven(DomainError):
    """There is nothing to withdraw."""

    code = "consent-not-given"
    advice = "Look at the consents that stand."


class ProofInvalid(DomainError):
    """This proof was not made by us, or was changed."""

    status = 422
    code = "proof-invalid"
    advice = "Ask for the proof again."


class Shown(msgspec.Struct, frozen=True):
    """The version of the text that was shown."""

    id: UUID
    number: int
    hash: str


class Given(Event, frozen=True, tag="consent.given.v1"):
    """The person permits it from `at` on. `session`, `aal`, `authenticated_at` tell how `by` was recognised."""

    person: PersonId
    purpose: Purpose
    recipient: Recipient
    shown: Shown
    at: Instant
    by: PersonId
    how: Way
    session: UUID
    aal: int
    authenticated_at: Instant
    expires_at: Instant | None = None
    witness: str | None = None
    guardian: str | None = None


class Withdrawn(Event, frozen=True, tag="consent.withdrawn.v1"):
    """The person permits it no longer."""

    person: PersonId
    purpose: Purpose
    recipient: Recipient
    at: Instant
    by: PersonId
    how: Way
    reason: str = ""


type Change = Given | Withdrawn
type Key = tuple[Purpose, Recipient]


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """All changes, oldest first: what was permitted at any time follows from them."""

    person: PersonId
    history: tuple[Change, ...]


def evolve(state: Consent | None, change: Change) -> Consent:
    """The consents after `change`."""
    return Consent(person=change.person, history=(*(state.history if state else ()), change))


def last(state: Consent | None, key: Key) -> Change | None:
    """What was said last about a purpose and a recipient."""
    history = state.history if state else ()
    return next((one for one in reversed(history) if (one.purpose, one.recipient) == key), None)


def standing(change: Change, now: datetime) -> Standing:
    """Where a consent stands whose last change this is."""
    if isinstance(change, Withdrawn):
        return "withdrawn"
    return "expired" if change.expires_at is not None and change.expires_at <= now else "given"


def answer(state: Consent | None, key: Key, now: datetime) -> ConsentAnswer:
    """Whether it is permitted at this instant."""
    change = last(state, key)
    if isinstance(change, Given) and change.at <= now and standing(change, now) == "given":
        return ConsentAnswer(True, change.shown.number, change.at)
    return ConsentAnswer(False)


def standings(state: Consent | None) -> list[Change]:
    """The last change of each purpose and recipient, in the order they were first given."""
    newest: dict[Key, Change] = {}
    for change in state.history if state else ():
        newest[change.purpose, change.recipient] = change
    return list(newest.values())


def give(state: Consent | None, wish: Given) -> Sequence[Change]:
    """Permit it; the same again while it stands changes nothing. Raises what is unclear about `wish`."""
    clear(wish.recipient)
    if wish.expires_at is not None and wish.expires_at <= wish.at:
        raise ExpiryPast
    if wish.how == "paper" and not wish.witness:
        raise WitnessNeeded
    if wish.how == "guardian" and not wish.guardian:
        raise NoGuardian
    before = last(state, (wish.purpose, wish.recipient))
    same = isinstance(before, Given) and standing(before, wish.at) == "given" and _said(before) == _said(wish)
    return [] if same else [wish]


def withdraw(state: Consent | None, wish: Withdrawn) -> Sequence[Change]:
    """Permit it no longer. Raises RecipientUnclear, NotGiven; one that has expired has ended already."""
    clear(wish.recipient)
    before = last(state, (wish.purpose, wish.recipient))
    if before is None or standing(before, wish.at) != "given":
        raise NotGiven
    return [wish]


def clear(recipient: Recipient) -> Recipient:
    """The recipient, if it names one. Raises RecipientUnclear."""
    if (recipient.kind == "clinic") != (recipient.id is None):
        raise RecipientUnclear
    return recipient


def withdrawal_of(history: Sequence[Change], number: int) -> Withdrawn | None:
    """The withdrawal that ended the giving at this place (from 1) of the history."""
    given = history[number - 1]
    for change in history[number:]:
        if (change.purpose, change.recipient) == (given.purpose, given.recipient):
            return change if isinstance(change, Withdrawn) else None
    return None


def _said(given: Given) -> tuple[object, ...]:
    return given.shown, given.how, given.expires_at, given.witness, given.guardian
