"""Whatever a client sends, the answer is one that the API description promises, and never a 5xx (schemathesis)."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from mindlyfe.assembly import modules
from mindlyfe.catalogue import CATALOGUE
from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.openapi import documents

ROLES = ["clinic-admin", "therapist", "supervisor", "patient", "reception", "privacy-officer", "operator"]
"""Together they have every permission, so that each route is reached."""


@pytest.fixture(scope="module")
def somebody(lasting_platform: Any) -> Person:
    """A member with many roles, signed in with a second factor, so that clinical routes are reached, too."""
    base, mailbox = lasting_platform.base, lasting_platform.mailbox
    clinic = Clinic.open(base, mailbox, "fuzz", "Harbour Clinic", lasting_platform.setup_link())
    person = Person(base, "Everybody", "everybody@harbour.example")
    born = {"date_of_birth": "1990-04-02"}
    invitation = {"email": person.email, "name": person.name, "roles": ROLES} | born
    expect(clinic.administrator.call("POST", "/v1/invitations", invitation), 201)
    code = mailbox.expect(person.email, "invit").code
    accepted = {"code": code, "password": person.password, "zone": person.zone} | born
    expect(person.call("POST", "/v1/invitations/acceptance", accepted), 200)
    person.sign_in()
    person.enrol()
    return person


DOCUMENTS = documents(modules(Settings()))
REFUSING = {"expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]}
"""Schemathesis does not know that a body can be too large, and thinks that a failure refuses, too."""
CONFIGURED = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": REFUSING}})


def each_of(context: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Has a test called for each operation of a context.

    Signing out and leaving the clinic are left to other tests: they would end the session of this one. So is a stream,
    whose answer has no end.
    """
    document = schemathesis.openapi.from_dict(DOCUMENTS[context], config=CONFIGURED)
    return document.exclude(path=["/v1/sessions/current", "/v1/me/membership", "/v1/inbox/stream"]).parametrize()


SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture]
FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=SLOW, derandomize=True)


def holds(case: Any, somebody: Person) -> None:
    """Send the case with a token; every check of schemathesis must hold but `positive_data_acceptance`.

    That one wants everything of the right form to be accepted. But form is not meaning: a slot that is taken, a window
    that ends before it begins, a code nobody was sent have the form and are refused.
    """
    case.call_and_validate(
        base_url=somebody.base, headers=somebody.authorization, excluded_checks=[positive_data_acceptance]
    )


@each_of("identity")
@FUZZ
def test_identity_holds(case: Any, somebody: Person) -> None:
    holds(case, somebody)


@each_of("therapy")
@FUZZ
def test_therapy_holds(case: Any, somebody: Person) -> None:
    holds(case, somebody)


@each_of("notifications")
@FUZZ
def test_notifications_holds(case: Any, somebody: Person) -> None:
    holds(case, somebody)


def test_somebody_reaches_every_route() -> None:
    for module in modules(Settings()):
        assert all(roles & frozenset(ROLES) for roles in module.grants.values())


def test_every_context_is_fuzzed() -> None:
    assert set(DOCUMENTS) == set(CATALOGUE) == {"identity", "therapy", "notifications"}
