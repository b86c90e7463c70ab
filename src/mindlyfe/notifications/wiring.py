"""Composition root of notifications: the one module that knows every other."""

import asyncio
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
from mindlyfe.kernel.messages import Event, Recorded, Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.outside import Internet
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import EVERYBODY
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters import following
from mindlyfe.notifications.adapters.bounces import Bounces
from mindlyfe.notifications.adapters.carriers import carriers, gauges
from mindlyfe.notifications.adapters.deliveries import Deliveries
from mindlyfe.notifications.adapters.escalating import escalating
from mindlyfe.notifications.adapters.in_app import InApp
from mindlyfe.notifications.adapters.leases import Leases
from mindlyfe.notifications.adapters.preferences import PreferenceList
from mindlyfe.notifications.adapters.pushed import Pushed
from mindlyfe.notifications.adapters.running import Running
from mindlyfe.notifications.adapters.templates_written import TemplateList
from mindlyfe.notifications.adapters.wording import wording
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
from mindlyfe.notifications.domain.delivery import Change, Delivery, evolve
from mindlyfe.notifications.domain.flags import FLAGS
from mindlyfe.notifications.domain.receipts import Bounced
from mindlyfe.therapy.contract import Appointments
from mindlyfe.therapy.contract.calendars import Invitations
from mindlyfe.therapy.contract.holds import WaitingOffers
from mindlyfe.therapy.contract.waiting import WaitingOfferMadeV1

INTERNET: Final = Internet()

GRANTS: Final[dict[str, frozenset[Role]]] = {
    "deliveries:read": EVERYBODY,
    "providers:read": frozenset({"clinic-admin", "operator"}),
    "deliveries:redrive": frozenset({"clinic-admin", "operator"}),
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
    words = wording(p, own, streams, bell.set)
    app = InApp.of(p, contents)
    push = Pushed.of(p, contents, app.notices, internet)
    channels = carriers(p, contents, bounces, {"in-app": app.carrier, "push": push.carrier})
    runs = Running.of(p, streams, deliveries, wishes, frozenset(channels), bell.set)
    sender = Sender(Leases(p.database), Attempts(streams, channels, p.clock), bell)
    reactions = Reactions(streams, p.clock, p.asks.of(Officers), bell.set)
    followed = FollowedMerges(streams, deliveries, runs.runs.streams, runs.listed, reactions)
    sending = Module(
        name=p.context,
        routes=following.routes(
            p, streams, deliveries, channels=channels, preferences=runs.preferences, asked=bell.set
        ),
        grants=GRANTS,
        streams=(streams,),
        publishes=published,
        flags=FLAGS,
        hears=_heard(reactions) | {MemberMergedV1: followed.member_merged},
        personal=_personal(deliveries, Farewells(streams, p.clock, bell.set)),
        gauges=gauges(channels),
        workers={"sender": sender.run},
    )
    return joined(sending, app.module, runs.module, escalating(p, runs.runs), push.module, words)


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


def _personal(deliveries: Deliveries, farewells: Farewells) -> Personal:
    """What is held of a person who was sent something."""
    return Personal(
        tells=deliveries.tells,
        erases={
            "lease": "delete from lease where delivery in (select id from delivery where recipient = %(person)s)",
            "delivery": "delete from delivery where recipient = %(person)s",
            "bounce": "delete from bounce where recipient = %(person)s",
        },
        takes_leave=farewells.told,
        moves={
            "delivery": """select exists (select from delivery where recipient = %(person)s
                and status = 'waiting' and kind <> 'account-merged-away')""",
        },
        stays={
            "lease": "a sender's claim on a delivery, which names nobody",
            "bounce": "an address at which nothing arrives, whoever it belonged to",
        },
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
