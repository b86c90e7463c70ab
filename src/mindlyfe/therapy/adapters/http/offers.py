"""Offers to who waits: accept, decline, look, and ask why."""

from uuid import UUID

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.therapy.adapters.holds import Holds
from mindlyfe.therapy.application.offers import Offers
from mindlyfe.therapy.contract.holds import OfferAnswered, OfferOver, OfferTrace, OfferView
from mindlyfe.therapy.contract.waiting import OfferId

ANSWERING = (NotFound, Unavailable, OfferOver, VersionConflict)


def routes(offers: Offers, holds: Holds) -> list[Router]:
    """`/v1/offers`, `/v1/me/offers`."""

    @get(needs="my-offers:read", audits="offers.read")
    async def mine(who: Principal) -> Page[OfferView]:
        """The slots that are offered to the caller now."""
        return Page(await holds.open_offers(who.tenant, patient=who.id))

    return [
        Router("/v1/offers", route_handlers=[*_answers(offers), *_looks(offers, holds)], tags=["Waiting list"]),
        Router("/v1/me/offers", route_handlers=[mine], tags=["Waiting list"]),
    ]


def _answers(offers: Offers) -> list[HTTPRouteHandler]:
    @post("/{offer:uuid}/acceptance", needs="offers:answer", clinical=True, refuses=ANSWERING, status_code=200)
    async def accept(offer: UUID, who: Principal, act: Act, expected: int | None) -> OfferAnswered:
        """Take the slot: it is booked at once, as the appointment of the same id, and the wait is over.

        The patient answers, or the clinic's desk as they say.
        """
        return await offers.accept(OfferId(offer), who, act, expected)

    @post("/{offer:uuid}/decline", needs="offers:answer", clinical=True, refuses=ANSWERING, status_code=200)
    async def decline(offer: UUID, who: Principal, act: Act, expected: int | None) -> OfferAnswered:
        """Leave the slot to somebody else. The wait goes on, and its time counts on."""
        return await offers.decline(OfferId(offer), who, act, expected)

    return [accept, decline]


def _looks(offers: Offers, holds: Holds) -> list[HTTPRouteHandler]:
    @get("/{offer:uuid}", needs="offers:read", clinical=True, refuses=(NotFound, Unavailable), audits="offers.read")
    async def one(offer: UUID, who: Principal) -> OfferView:
        """One offer, for its patient, its therapist, who treats the patient, and the clinic's desk."""
        return await offers.one(OfferId(offer), who)

    @get(
        "/{offer:uuid}/trace",
        needs="offers:explain",
        clinical=True,
        refuses=(NotFound, Unavailable),
        audits="offers.read",
    )
    async def why(offer: UUID, who: Principal) -> OfferTrace:
        """Why the offer went to this patient: what counted for them, and who came before and was passed over, why."""
        return await offers.why(OfferId(offer), who)

    @get(needs="offers:list", clinical=True, audits="offers.read")
    async def open_(who: Principal) -> Page[OfferView]:
        """Offers that wait for an answer, soonest over first: all for the clinic's desk, a therapist's own slots."""
        therapist = None if who.roles & FRONT_DESK else who.id
        return Page(await holds.open_offers(who.tenant, therapist=therapist))

    return [one, why, open_]
