"""Sign-in for apps, put together."""

import secrets

from litestar import Router

from mindlyfe.identity.adapters.http import apps as apps_http
from mindlyfe.identity.adapters.http import discovery as discovery_http
from mindlyfe.identity.adapters.http import oauth as oauth_http
from mindlyfe.identity.adapters.registered_apps import AllowedApps, RegisteredApps
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.signing_keys import SigningKeyRing
from mindlyfe.identity.application.app_requests import AppRequests
from mindlyfe.identity.application.app_sessions import AppSessions
from mindlyfe.identity.application.app_tokens import AppTokens
from mindlyfe.identity.application.apps import Apps
from mindlyfe.identity.application.authorizations import Authorizations
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.my_apps import MyApps
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.token_renewals import TokenRenewals
from mindlyfe.kernel.access import TokenVerifier
from mindlyfe.kernel.module import Platform


def openid(p: Platform, streams: IdentityStreams, ring: SigningKeyRing, openings: Openings) -> list[Router]:
    """The provider: registry, protocol, consent page, discovery."""
    issuer = p.settings.public_url
    listing = SessionList(p.database)
    endings = Endings(streams, listing, p.clock)
    apps = Apps(streams, p.clock, p.ids, secrets.token_bytes)
    requests = AppRequests(apps=apps, kept=p.cache, keys=p.keys, issuer=issuer, clock=p.clock, ids=p.ids)
    authorizations = Authorizations(
        streams=streams, requests=requests, keys=p.keys, clock=p.clock, random=secrets.token_bytes
    )
    held = AppSessions(
        streams=streams,
        apps=apps,
        endings=endings,
        verifier=TokenVerifier(ring, issuer=issuer, clock=p.clock),
        keys=p.keys,
        issuer=issuer,
        clock=p.clock,
    )
    tokens = AppTokens(
        streams=streams, apps=apps, renewals=TokenRenewals(streams, openings), openings=openings, held=held, signer=ring
    )
    mine = MyApps(streams, AllowedApps(p.database), listing, endings, p.clock)
    return [
        apps_http.registry(apps, RegisteredApps(p.database)),
        apps_http.own(mine),
        oauth_http.requests(requests, mine),
        oauth_http.token_routes(tokens, held),
        oauth_http.page(authorizations),
        discovery_http.routes(issuer),
    ]
