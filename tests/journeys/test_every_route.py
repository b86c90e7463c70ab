"""Every route of every context × nobody, wrong roles, another clinic: closed. New routes are tested by themselves."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from tests.journeys.harbour import DESCRIBED, Harbour, named

from mindlyfe.assembly import modules
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.endpoints import Endpoint, endpoints
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.testing.answers import refused

MODULES = modules(Settings())
GRANTS = {permission: roles for module in MODULES for permission, roles in module.grants.items()}
ENDPOINTS = {f"{one.method} {one.path}": one for module in MODULES for one in endpoints(module)}
GUARDED = [one for one in ENDPOINTS.values() if one.needs]
REGIONAL = {permission for permission, roles in GRANTS.items() if list(roles) == ["operator"]}
"""What operators do for all clinics of the region: for them, no clinic is another one."""
EVERYWHERE = {"flags:set", "workflows:read", "workflows:define", "message-templates:read", "message-templates:write"}
"""What is in the code of all: each clinic has a value, or an edition, of its own under the same name."""
OF_SOMETHING = [one for one in GUARDED if "{" in one.path and one.needs not in REGIONAL | EVERYWHERE]
"""What is a clinic's."""
CLINICAL = [one for one in GUARDED if one.clinical and set(GRANTS[one.needs or ""]) - {"patient"}]
ROLES: frozenset[Role] = frozenset(get_args(Role.__value__))
BY_ITS_BODY = {
    "PUT /v1/care-relationships/{care}": (422, "not-in-care"),
    "PUT /v1/supervisions/{supervision}": (422, "not-in-supervision"),
}
"""Makes what its path names, and is refused for the people in its body: as if they were not anywhere."""


@pytest.fixture(scope="module")
def harbour(lasting_platform: Any) -> Harbour:
    return Harbour(lasting_platform)


@pytest.fixture(autouse=True)
def nothing_happens(harbour: Harbour) -> Iterator[None]:
    """What a closed door refuses leaves no trace in any log; what comes late is seen by the next test."""
    yield
    assert harbour.platform.written() == harbour.before


def test_every_endpoint_is_described() -> None:
    assert DESCRIBED.keys() == ENDPOINTS.keys()
    assert all(DESCRIBED[name].public == (one.needs is None) for name, one in ENDPOINTS.items())


@pytest.mark.parametrize("endpoint", GUARDED, ids=named)
def test_nobody_comes_in_without_a_token(harbour: Harbour, endpoint: Endpoint) -> None:
    refused(harbour.call(endpoint, {}), 401, "unauthenticated")


@pytest.mark.parametrize("endpoint", GUARDED, ids=named)
def test_all_other_roles_together_are_not_enough(harbour: Harbour, endpoint: Endpoint) -> None:
    tenant, person = harbour.tenant, harbour.names["therapist"]
    for roles in (ROLES - GRANTS[endpoint.needs or ""], frozenset[Role]()):
        answer = harbour.call(endpoint, harbour.signer.bearer(*roles, tenant=tenant, person=person))
        refused(answer, 403, "forbidden")


@pytest.mark.parametrize("endpoint", CLINICAL, ids=named)
def test_staff_with_a_password_alone_is_kept_from_what_is_clinical(harbour: Harbour, endpoint: Endpoint) -> None:
    """Each role that may come in; with a second factor the door opens to what only shows something."""
    tenant, person = harbour.tenant, harbour.names["therapist"]
    for role in sorted(GRANTS[endpoint.needs or ""] - {"patient"}):
        weak, strong = (harbour.signer.bearer(role, tenant=tenant, person=person, aal=aal) for aal in (1, 2))
        refused(harbour.call(endpoint, weak), 403, "assurance-too-low")
        if endpoint.method == "GET" and not endpoint.streams:
            answer = harbour.call(endpoint, strong)
            assert answer.status_code != 403, f"{role}: {answer.text}"


@pytest.mark.parametrize("endpoint", OF_SOMETHING, ids=named)
@pytest.mark.parametrize("person", ["other", "patient", "therapist"])
def test_another_clinic_finds_nothing(harbour: Harbour, endpoint: Endpoint, person: str) -> None:
    """Neither its own people do, nor do ours with a token of theirs."""
    who = harbour.names.get(person, harbour.other.id)
    headers = harbour.signer.bearer(*ROLES, tenant=harbour.other.tenant, person=who, aal=2)
    refused(harbour.call(endpoint, headers), *BY_ITS_BODY.get(named(endpoint), (404, "not-found")))


@pytest.mark.parametrize("endpoint", [one for one in GUARDED if one.method == "GET" and not one.streams], ids=named)
def test_asvs_3_5_3_looking_changes_nothing(harbour: Harbour, endpoint: Endpoint) -> None:
    """Somebody with every role looks at everything: the logs of all contexts stay as they are."""
    headers = harbour.signer.bearer(*ROLES, tenant=harbour.tenant, person=harbour.names["therapist"], aal=2)
    assert harbour.call(endpoint, headers).status_code < 500
