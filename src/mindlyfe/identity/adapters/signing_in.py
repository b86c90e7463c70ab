"""Puts together how people sign in and what they prove themselves by."""

from litestar import Router

from mindlyfe.identity.adapters.addresses import AddressBook
from mindlyfe.identity.adapters.http import factors as factors_http
from mindlyfe.identity.adapters.http import passkeys as passkeys_http
from mindlyfe.identity.adapters.http import sessions as sessions_http
from mindlyfe.identity.adapters.http import steps as steps_http
from mindlyfe.identity.adapters.http.cookies import TokenCookies
from mindlyfe.identity.adapters.passkeys import WebAuthn
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.factors import SecondFactors
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.passkeys import Passkeys
from mindlyfe.identity.application.second_steps import SecondSteps
from mindlyfe.identity.application.sessions import Sessions
from mindlyfe.identity.application.step_ups import StepUps
from mindlyfe.identity.application.tries import Tries
from mindlyfe.identity.application.verification import Verification
from mindlyfe.kernel.module import Platform


def signing_in(
    p: Platform, openings: Openings, addresses: AddressBook, credentials: Credentials, tries: Tries
) -> list[Router]:
    """Passwords and second factors, and the sessions they open."""
    streams, cookies = openings.streams, TokenCookies(p.settings.instance, p.settings.secure)
    verification = Verification(streams, p.keys, p.clock)
    second_steps = SecondSteps(streams, verification, openings, tries)
    passkeys = Passkeys(verification, openings, WebAuthn(p.settings.public_url))
    step_ups = StepUps(streams, credentials, tries, verification, openings, passkeys)
    sessions = Sessions(
        streams=streams,
        addresses=addresses,
        credentials=credentials,
        tries=tries,
        openings=openings,
        second_steps=second_steps,
    )
    endings = Endings(streams, SessionList(p.database), p.clock)
    factors = SecondFactors(streams, verification, step_ups, endings)
    return [
        sessions_http.routes(sessions, cookies, p.clock),
        steps_http.routes(second_steps, step_ups, cookies, p.clock),
        passkeys_http.routes(passkeys, cookies, p.clock),
        passkeys_http.own(factors, cookies, p.clock),
        factors_http.routes(factors),
        factors_http.totp(factors, cookies, p.clock),
    ]
