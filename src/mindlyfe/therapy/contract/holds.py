"""Slots that are kept for somebody for a while: offers to who waits, and holds while a form is filled in."""

from typing import Protocol

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Instant, PersonId, TenantId
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.waiting import OfferId, OfferOutcome, PassedOver, Urgency, WaitId


class HoldSaved(msgspec.Struct, frozen=True):
    """The slot is kept until then, UTC."""

    hold: AppointmentId
    until: Instant
    version: int


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that is offered to somebody who waits."""

    id: OfferId
    wait: WaitId
    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int
    expires_at: Instant
    outcome: OfferOutcome | None
    """Null: it can still be answered."""


class WaitingOffers(Protocol):
    """What other contexts may ask."""

    async def waiting_offer(self, *, tenant: TenantId, offer: OfferId) -> OfferView:
        """An offer of the tenant as it stands now, open or over. Raises NotFound."""
        ...


class OfferAnswered(msgspec.Struct, frozen=True):
    """What became of the offer. Accepted, it is the appointment of the same id."""

    offer: OfferId
    outcome: OfferOutcome
    version: int


class PassedOverView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who came before on the list, and why they were not offered the slot."""

    wait: WaitId
    patient: PersonId
    why: PassedOver


class OfferTrace(msgspec.Struct, frozen=True, kw_only=True):
    """Why the offer went to whom it did: by urgency, then who had met the therapist, then who waited longest."""

    offer: OfferId
    wait: WaitId
    urgency: Urgency
    met_before: bool
    since: Instant
    waiting: int
    """How many waited then."""
    passed: list[PassedOverView]
    """Those who came before, in order, the first 50."""


class OfferOver(DomainError):
    """The offer was answered or taken back, or its time is over."""

    code = "offer-over"
    advice = "Wait for the next offer, or search the slots."


class HoldOver(DomainError):
    """The slot is kept no longer under this id."""

    code = "hold-over"
    advice = "Make a new id for a new hold."


class TooManyHolds(DomainError):
    """Somebody keeps two slots already."""

    code = "too-many-holds"
    advice = "Book or release one of them first."


class AlreadyOffered(DomainError):
    """Somebody who waits has an offer that is not answered."""

    code = "already-offered"
