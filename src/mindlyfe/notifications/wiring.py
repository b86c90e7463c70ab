"""Composition root of notifications: the one module that knows every other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from email.utils import parseaddr
from typing import Any, Final

from mindlyfe.identity.contract import (
    InvitationIssuedV1,
    Links,
    Organisations,
    Recipients,
    RegistrationRepeatedV1,
    RegistrationStartedV1,
)
from mindlyfe.identity.contract.break_glass import BreakGlassOpenedV1, BreakGlassReviewedV1, Officers
from mindlyfe.identity.contract.corrections import CorrectionDecidedV1
from mindlyfe.identity.contract.erasures import ErasureRefusedV1
from mindlyfe.identity.contract.exports import ExportReadyV1
from mindlyfe.identity.contract.factors import FactorsChangedV1
from mindlyfe.identity.contract.flows import (
    AddressChangeAskedV1,
    AddressChangedV1,
    PasswordChangedV1,
    RecoveryAskedV1,
)
from mindlyfe.identity.contract.handovers import CaseloadHandedOverV1, Handovers
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.sessions import SessionEndedV1
from mindlyfe.kernel.messages import Event, PersonId, Recorded, Role, TenantId
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.outside import Internet
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.roles import EVERYBODY
from mindlyfe.kernel.slices import in_turn
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters import escalating, following, in_app, pushed, running, wording
from mindlyfe.notifications.adapters.bounces import Bounces
from mindlyfe.notifications.adapters.carriers import carriers, gauges
from mindlyfe.notifications.adapters.deliveries import Deliveries
from mindlyfe.notifications.adapters.leases import Leases
from mindlyfe.notifications.adapters.preferences import PreferenceList
from mindlyfe.notifications.adapters.templates_written import TemplateList
from mindlyfe.notifications.adapters.words import Words
from mindlyfe.notifications.application.attempts import Attempts
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.farewells import Farewells
from mindlyfe.notifications.application.merging import FollowedMerges
from mindlyfe.notifications.application.ports import Wishes
from mindlyfe.notifications.application.reactions import Reactions
from mindlyfe.notifications.application.sender import Sender
from mindlyfe.notifications.application.unsubscribing import StopWords
from mindlyfe.notifications.contract import DeliveryId, MessageBouncedV1
from mindlyfe.notifications.contract.escalations import Escalations
from mindlyfe.notifications.domain.delivery import Change, Delivery, evolve
from mindlyfe.notifications.domain.flags import FLAGS
from mindlyfe.notifications.domain.receipts import Bounced
from mindlyfe.therapy.contract import Appointments
from mindlyfe.therapy.contract.calendars import Invitations
from mindlyfe.therapy.contract.holds import WaitingOffers
from mindlyfe.therapy.contract.waiting import WaitingOfferMadeV1

INTERNET: Final = Internet()
type Tells = Callable[[TenantId, PersonId], Awaitable[Sequence[Entry]]]

GRANTS: Final[dict[str, frozenset[Role]]] = {
    "deliveries:read": EVERYBODY,
    "providers:read": frozenset({"clinic-admin", "operator"}),
    "deliveries:redrive": frozenset({"clinic-admin", "operator"}),
    "inbox:read": EVERYBODY,
    "inbox:mark": EVERYBODY,
    "push-subscriptions:keep": EVERYBODY,
}


def published(r: Recorded[Any]) -> Event | None:
    """That an address of somebody is of no use any more."""
    match r.event:
        case Bounced(hard=True, recipient=recipient, channel=channel, at=at) if recipient is not None:
            delivery = DeliveryId(r.stream)
            return MessageBouncedV1(delivery=delivery, recipient=recipient, channel=channel, at=at)
        case _:
            return None


def build(p: Platform, internet: Internet = INTERNET) -> Module:
    """Notifications as a module."""
    deliveries, bounces = Deliveries(p.database), Bounces(p.database, p.keys)
    streams = _delivered(p, deliveries, bounces)
    bell, wishes, own = asyncio.Event(), PreferenceList(p.database), TemplateList(p.database)
    contents = _contents(p, wishes, own)
    words = wording.Wording.of(p, own, streams, bell.set)
    app = in_app.InApp.of(p, contents)
    push = pushed.Pushed.of(p, contents, app.notices, internet)
    channels = carriers(p, contents, bounces, {"in-app": app.carrier, "push": push.carrier})
    runs = running.Running.of(p, streams, deliveries, wishes, frozenset(channels), bell.set)
    calls = escalating.Escalating.of(p, runs.runs)
    attempts = Attempts(streams, channels, p.clock)
    sender = Sender(Leases(p.database), attempts, bell)
    reactions = Reactions(streams, p.clock, p.asks.of(Officers), bell.set)
    followed = FollowedMerges(streams, deliveries, runs.runs.streams, runs.listed, reactions)
    tells = all_told(deliveries.tells, app.notices.tells, wishes.tells, push.subscriptions.tells)
    merged = in_turn(followed.member_merged, app.inbox.member_merged, push.browsers.member_merged)
    ended: dict[type[Event], Any] = {MemberMergedV1: merged, SessionEndedV1: push.browsers.session_ended}
    return Module(
        name="notifications",
        routes=[
            *following.routes(p, streams, deliveries, channels=channels, preferences=runs.preferences, asked=bell.set),
            *app.routes,
            *runs.routes,
            *calls.routes,
            *push.routes,
            *words.routes,
        ],
        grants={**GRANTS, **running.GRANTS, **escalating.GRANTS, **wording.GRANTS},
        streams=[streams, app.streams, push.streams, *runs.streams, *calls.streams, words.streams],
        publishes=published,
        flags=FLAGS,
        hears=_heard(reactions) | dict(runs.hears) | ended,
        personal=_personal(tells, Farewells(streams, p.clock, bell.set)),
        answers={Escalations: calls.ladders},
        gauges={**gauges(channels), **calls.gauges},
        workers={"sender": sender.run, **runs.workers, **calls.workers},
    )


def _delivered(p: Platform, deliveries: Deliveries, bounces: Bounces) -> Streams[Delivery, Change]:
    return Streams(
        p.database,
        p.keys,
        name="delivery",
        events=Change,
        evolve=evolve,
        subject=lambda delivery: delivery.recipient,
        inline=(deliveries, bounces),
    )


def _personal(tells: Tells, farewells: Farewells) -> Personal:
    """What is held of a person."""
    return Personal(
        tells=tells,
        erases={
            "lease": "delete from lease where delivery in (select id from delivery where recipient = %(person)s)",
            "delivery": "delete from delivery where recipient = %(person)s",
            "bounce": "delete from bounce where recipient = %(person)s",
            **in_app.ERASES,
            **running.ERASES,
            **escalating.ERASES,
            **pushed.ERASES,
        },
        takes_leave=farewells.told,
        moves={
            "delivery": """select exists (select from delivery where recipient = %(person)s
                and status = 'waiting' and kind <> 'account-merged-away')""",
            **in_app.MOVES,
            **running.MOVES,
            **pushed.MOVES,
        },
        stays={
            "lease": "a sender's claim on a delivery, which names nobody",
            "bounce": "an address at which nothing arrives, whoever it belonged to",
            **in_app.STAYS,
            **running.STAYS,
            **escalating.STAYS,
        },
        bars=escalating.BARS,
    )


def _heard(reactions: Reactions) -> dict[type[Event], Any]:
    """What others tell, and what is done then."""
    return {
        RegistrationStartedV1: reactions.registration_started,
        RegistrationRepeatedV1: reactions.registration_repeated,
        InvitationIssuedV1: reactions.invitation_issued,
        RecoveryAskedV1: reactions.recovery_asked,
        FactorsChangedV1: reactions.factors_changed,
        PasswordChangedV1: reactions.password_changed,
        AddressChangeAskedV1: reactions.address_change_asked,
        AddressChangedV1: reactions.address_changed,
        WaitingOfferMadeV1: reactions.offer_made,
        BreakGlassOpenedV1: reactions.glass_broken,
        CaseloadHandedOverV1: reactions.caseload_handed_over,
        BreakGlassReviewedV1: reactions.glass_reviewed,
        ExportReadyV1: reactions.export_ready,
        CorrectionDecidedV1: reactions.correction_decided,
        ErasureRefusedV1: reactions.erasure_refused,
    }


def all_told(*parts: Tells) -> Tells:
    """What each of them tells of a person."""

    async def told(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [entry for part in parts for entry in await part(tenant, person)]

    return told


def _contents(p: Platform, wishes: Wishes, own: TemplateList) -> Contents:
    return Contents(
        recipients=p.asks.of(Recipients),
        links=p.asks.of(Links),
        organisations=p.asks.of(Organisations),
        appointments=p.asks.of(Appointments),
        invitations=p.asks.of(Invitations),
        offers=p.asks.of(WaitingOffers),
        handovers=p.asks.of(Handovers),
        wishes=wishes,
        own=own,
        renderer=Words(),
        stops=StopWords(p.keys),
        public_url=p.settings.public_url,
        mail_address=parseaddr(p.settings.mail.sender)[1],
        clock=p.clock,
    )
