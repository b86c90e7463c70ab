"""Composition root of identity: the one module that knows every other."""

import secrets
from typing import Any

from litestar import Router

from mindlyfe.identity.adapters.actors import MemberActors
from mindlyfe.identity.adapters.addresses import AddressBook
from mindlyfe.identity.adapters.argon2 import Argon2
from mindlyfe.identity.adapters.attempts import CountedAttempts
from mindlyfe.identity.adapters.caring import Caring
from mindlyfe.identity.adapters.clinics import Clinics
from mindlyfe.identity.adapters.common import common_passwords
from mindlyfe.identity.adapters.consent_texts import ConsentTexts
from mindlyfe.identity.adapters.directory import Directory
from mindlyfe.identity.adapters.glasses import Glasses
from mindlyfe.identity.adapters.http import accounts as accounts_http
from mindlyfe.identity.adapters.http import audit as audit_http
from mindlyfe.identity.adapters.http import clinic as clinic_http
from mindlyfe.identity.adapters.http import clinics as clinics_http
from mindlyfe.identity.adapters.http import consents as consents_http
from mindlyfe.identity.adapters.http import devices as devices_http
from mindlyfe.identity.adapters.http import factors as factors_http
from mindlyfe.identity.adapters.http import flows as flows_http
from mindlyfe.identity.adapters.http import invitations as invitations_http
from mindlyfe.identity.adapters.http import keys as keys_http
from mindlyfe.identity.adapters.http import me as me_http
from mindlyfe.identity.adapters.http import members as members_http
from mindlyfe.identity.adapters.http import memberships as memberships_http
from mindlyfe.identity.adapters.http import organisation as organisation_http
from mindlyfe.identity.adapters.http import photos as photos_http
from mindlyfe.identity.adapters.http import profiles as profiles_http
from mindlyfe.identity.adapters.http import registrations as registrations_http
from mindlyfe.identity.adapters.http import setup as setup_http
from mindlyfe.identity.adapters.http.cookies import TokenCookies
from mindlyfe.identity.adapters.invited import Invited
from mindlyfe.identity.adapters.openid import openid
from mindlyfe.identity.adapters.pictures import Pillow
from mindlyfe.identity.adapters.relations import CareRelations
from mindlyfe.identity.adapters.revocations import RevocationNews
from mindlyfe.identity.adapters.rights import Rights
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.setup_links import OfferedLinks
from mindlyfe.identity.adapters.signing_in import signing_in
from mindlyfe.identity.adapters.signing_keys import SigningKeyRing
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.adapters.ties import HeldTies, NothingKept
from mindlyfe.identity.application.accounts import Accounts
from mindlyfe.identity.application.address_changes import AddressChanges
from mindlyfe.identity.application.clinics import ClinicSettings
from mindlyfe.identity.application.consents import Agreements
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.devices import Devices
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.factor_resets import FactorResets
from mindlyfe.identity.application.invitations import Invitations
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.member_sessions import MemberSessions
from mindlyfe.identity.application.members import Members
from mindlyfe.identity.application.memberships import Memberships
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.organisations import RegistrationLinks, SetUps
from mindlyfe.identity.application.password_changes import PasswordChanges, Renewals
from mindlyfe.identity.application.photos import Photos
from mindlyfe.identity.application.profiles import Profiles
from mindlyfe.identity.application.proofs import Proofs
from mindlyfe.identity.application.publishing import published
from mindlyfe.identity.application.questions import Questions
from mindlyfe.identity.application.recoveries import Recoveries
from mindlyfe.identity.application.registrations import Registrations
from mindlyfe.identity.application.setup_links import SetUpLinks
from mindlyfe.identity.application.sight import Sight
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.trails import Trails
from mindlyfe.identity.application.tries import Tries
from mindlyfe.identity.contract import Links, Organisations, People, Recipients, SigningKeys
from mindlyfe.identity.contract.consents import Consents
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.identity.domain.access import GRANTS
from mindlyfe.identity.domain.flags import FLAGS
from mindlyfe.identity.domain.sight import SIGHT
from mindlyfe.kernel.attest import Attestor
from mindlyfe.kernel.audit import Audit
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.revocations import Revocations
from mindlyfe.kernel.trail import AuditTrail


def build(platform: Platform) -> Module:
    """Put identity together. No I/O but reading the shipped list of common passwords."""
    streams = identity_streams(platform.database, platform.keys)
    ring = SigningKeyRing(platform.database, platform.keys, platform.clock)
    news = RevocationNews(platform.database, platform.clock)
    links = LinkMaker(platform.keys, platform.settings.public_url, platform.clock)
    questions = Questions(streams, links)
    profiles = Profiles(streams, CareRelations(platform.database), platform.clock)
    agreements = Agreements(streams, ConsentTexts(platform.database), platform.clock)
    asked: list[type[Any]] = [Recipients, Links, Organisations, People]
    photos = _photos(platform, streams, profiles)
    rights, caring = Rights.of(platform, streams, photos), Caring.of(platform, streams)
    return Module(
        name="identity",
        routes=[
            *_entrance(platform, streams, links, ring),
            *rights.routes,
            *caring.routes,
            *_inside(platform, streams, links, questions, profiles),
            photos_http.own(photos),
            photos_http.of_patients(photos),
            *_consents(platform, streams, agreements),
            *_administration(platform, streams, links),
        ],
        grants=GRANTS,
        streams=streams.all(),
        publishes=published,
        answers={
            **dict.fromkeys(asked, questions),
            Patients: profiles,
            Consents: agreements,
            SigningKeys: ring,
            Revocations: news,
            **caring.answers,
        },
        flags=FLAGS,
        gauges=caring.gauges,
        personal=rights.personal,
        workers={"signing-keys": ring.run, "revocations": news.run, **caring.workers, **rights.workers},
    )


def _entrance(p: Platform, streams: IdentityStreams, links: LinkMaker, ring: SigningKeyRing) -> list[Router]:
    """What is reached without a session."""
    credentials = Credentials(Argon2(), common_passwords())
    addresses = AddressBook(p.database, p.keys)
    tries = Tries(CountedAttempts(p.cache, p.keys), Audit(p.database), p.keys)
    openings = Openings(
        streams=streams,
        signer=ring,
        keys=p.keys,
        issuer=p.settings.public_url,
        region=p.settings.region,
        clock=p.clock,
        ids=p.ids,
        random=secrets.token_bytes,
    )
    registrations = Registrations(
        streams, addresses, credentials, tries.attempts, links, p.keys, p.flags, p.clock, p.ids
    )
    invitations = Invitations(streams, addresses, credentials, tries, links, p.keys, p.clock, p.ids)
    setups = SetUps(streams, credentials, links, p.keys, p.settings.region, p.clock, p.ids)
    return [
        setup_http.routes(setups),
        registrations_http.routes(registrations),
        registrations_http.answers(registrations),
        invitations_http.routes(invitations, Invited(p.database), p.clock),
        invitations_http.acceptance(invitations),
        *signing_in(p, openings, addresses, credentials, tries),
        keys_http.routes(ring),
        keys_http.administration(ring),
        *openid(p, streams, ring, openings),
        *_flows(p, streams, links, credentials, tries),
    ]


def _flows(
    p: Platform, streams: IdentityStreams, links: LinkMaker, credentials: Credentials, tries: Tries
) -> list[Router]:
    """Self-service: a lost password, a new password, a new address."""
    addresses, endings = AddressBook(p.database, p.keys), Endings(streams, SessionList(p.database), p.clock)
    renewals = Renewals(streams, credentials, endings, p.clock)
    recoveries = Recoveries(streams, addresses, tries.attempts, renewals, links, p.keys, p.clock)
    passwords = PasswordChanges(streams, credentials, tries, renewals, p.keys)
    changes = AddressChanges(streams, addresses, tries.attempts, links, p.keys, p.clock, p.ids)
    return [flows_http.recoveries(recoveries), flows_http.own(passwords, changes), flows_http.address_changes(changes)]


def _inside(
    p: Platform, streams: IdentityStreams, links: LinkMaker, questions: Questions, profiles: Profiles
) -> list[Router]:
    """What members do."""
    members, listing = Members(streams), SessionList(p.database)
    devices = Devices(streams, listing, Endings(streams, listing, p.clock), p.clock)
    cookies = TokenCookies(p.settings.instance, p.settings.secure)
    return [
        devices_http.routes(devices, cookies),
        me_http.routes(members),
        profiles_http.own(profiles),
        profiles_http.of_patients(profiles),
        members_http.routes(members, Directory(p.database)),
        members_http.known(Directory(p.database)),
        organisation_http.routes(RegistrationLinks(streams, links, p.ids), questions),
    ]


def _photos(p: Platform, streams: IdentityStreams, profiles: Profiles) -> Photos:
    return Photos(
        streams=streams,
        profiles=profiles,
        pictures=Pillow(),
        objects=p.objects,
        keys=p.keys,
        clock=p.clock,
        ids=p.ids,
    )


def _administration(p: Platform, streams: IdentityStreams, links: LinkMaker) -> list[Router]:
    """What administrators and operators do."""
    listing = SessionList(p.database)
    endings = Endings(streams, listing, p.clock)
    attempts = CountedAttempts(p.cache, p.keys)
    memberships = Memberships(streams, attempts, CareRelations(p.database), endings, p.clock)
    return [
        clinic_http.routes(ClinicSettings(streams)),
        clinics_http.routes(Clinics(p.database)),
        clinics_http.setup_links(SetUpLinks(streams, links, p.clock, p.ids), OfferedLinks(p.database), p.clock),
        memberships_http.routes(memberships),
        memberships_http.standing(memberships),
        memberships_http.sessions(MemberSessions(streams, listing, endings)),
        factors_http.resets(FactorResets(streams, endings, Audit(p.database), p.clock)),
        accounts_http.routes(Accounts(streams, AddressBook(p.database, p.keys), endings, p.clock)),
    ]


def _consents(p: Platform, streams: IdentityStreams, agreements: Agreements) -> list[Router]:
    """What people permit, and what was done with their data."""
    texts = ConsentTexts(p.database)
    proofs = Proofs(agreements, texts, Attestor(p.keys, "consent-proof"), p.clock)
    sight = Sight(streams, Reach(SIGHT, NothingKept(), HeldTies(p.database, p.clock), p.clock))
    return [
        consents_http.texts(agreements, proofs, texts),
        consents_http.own(agreements, proofs),
        consents_http.of_patients(proofs, sight),
        consents_http.for_patients(agreements, sight),
        audit_http.routes(
            Trails(
                {name: p.asks.of(AuditTrail, context=name) for name in p.contexts},
                MemberActors(p.database),
                Glasses(p.database),
            )
        ),
    ]
