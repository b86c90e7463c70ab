"""A route that could show or change a patient's data needs a second factor of staff, or is named with why not."""

from collections.abc import Mapping
from typing import Final

import pytest

from mindlyfe.assembly import modules
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.edge import routes_of
from mindlyfe.kernel.route import Route

OWN: Final = ("/v1/me/", "/v1/sessions/")
"""What is the caller's own, whatever their role."""
OPEN: Final[Mapping[str, str]] = {
    "GET /v1/therapists": "who works here, which patients look up before they book",
    "POST /v1/names": "names of those whose ids one has: everybody's screens ask it, patients' among them",
    "GET /v1/organisation": "the clinic itself",
    "GET /v1/registration-links": "links that name nobody",
    "POST /v1/registration-links": "a link that names nobody",
    "DELETE /v1/registration-links/{link}": "a link that names nobody",
    "PUT /v1/supervisions/{supervision}": "staff and staff",
    "POST /v1/supervisions/{supervision}/end": "staff and staff",
    "GET /v1/supervisions": "staff and staff",
    "POST /v1/break-glass/{glass}/end": "takes access away, which must never be hard; shows nothing",
    "GET /v1/consent-texts": "wordings, which nobody has agreed to yet",
    "POST /v1/consent-texts": "wordings, which nobody has agreed to yet",
    "GET /v1/consent-texts/{text}": "wordings, which nobody has agreed to yet",
    "POST /v1/consent-proofs/check": "says whether a signature holds, to who brings what was signed",
    "GET /v1/authorizations/{authorization}": "what an app asks of the caller",
    "POST /v1/authorizations/{authorization}": "what the caller lets an app do, at the session's assurance",
    "POST /v1/authorizations/{authorization}/without-asking": "what the caller allowed an app before",
    "GET /v1/oauth/userinfo": "the caller's own account",
    "GET /v1/providers": "mail servers and such, which name nobody",
    "GET /v1/availability": "a therapist's own hours",
    "PUT /v1/availability": "a therapist's own hours",
    "GET /v1/schedules": "a therapist's own hours",
    "POST /v1/schedules": "a therapist's own hours",
    "PUT /v1/schedules/{schedule}": "a therapist's own hours",
    "PUT /v1/schedules/{schedule}/overrides": "a therapist's own hours",
    "DELETE /v1/schedules/{schedule}": "a therapist's own hours",
    "GET /v1/therapists/{therapist}/series": "free times; why one is not says nothing of who took it",
    "GET /v1/workflows": "what is told when, of nobody in particular",
    "GET /v1/workflows/{workflow}": "what is told when, of nobody in particular",
    "GET /v1/appointment-types": "names and lengths, which patients choose from",
    "POST /v1/appointment-types": "staff alone",
    "PUT /v1/appointment-types/{appointment_type}": "staff alone",
    "DELETE /v1/appointment-types/{appointment_type}": "staff alone",
    "PUT /v1/group-sessions/{group_session}": "a therapist's own time, and nobody's name",
    "GET /v1/group-sessions": "times and titles, for staff",
    "GET /v1/rooms": "names of rooms, for staff",
    "POST /v1/rooms": "staff alone",
    "PUT /v1/rooms/{room}": "staff alone",
    "DELETE /v1/rooms/{room}": "staff alone",
    "GET /v1/teams": "who works together, which patients choose from",
    "POST /v1/teams": "staff alone",
    "PUT /v1/teams/{team}": "staff alone",
    "DELETE /v1/teams/{team}": "staff alone",
    "GET /v1/teams/{team}/slots": "free times; taken ones are not there, nor who took them",
    "GET /v1/calendar-feeds": "a therapist's own calendars elsewhere",
    "POST /v1/calendar-feeds": "a therapist's own calendars elsewhere",
    "POST /v1/calendar-feeds/{feed}/refresh": "a therapist's own calendars elsewhere",
    "DELETE /v1/calendar-feeds/{feed}": "a therapist's own calendars elsewhere",
    "GET /v1/time-off": "a therapist's own absences",
    "POST /v1/time-off": "a therapist's own absences",
    "DELETE /v1/time-off/{time_off}": "a therapist's own absences",
    "GET /v1/therapists/{therapist}/slots": "free times; taken ones are not there, nor who took them",
}


def guarded() -> dict[str, Route]:
    """Every route that asks for a permission and is not about the caller's own account."""
    found: dict[str, Route] = {}
    for module in modules(Settings()):
        for router in module.routes:
            for at, handler in routes_of(router):
                one: Route = handler.opt["route"]
                if not one.public and not f"{at.path_format}/".startswith(OWN):
                    found[f"{one.method} {at.path_format}"] = one
    return found


GUARDED = guarded()
WEAK = {name for name, one in GUARDED.items() if not one.clinical and one.aal == 1}


def test_a_route_needs_a_second_factor_of_staff_or_is_named_with_a_reason() -> None:
    assert OPEN.keys() == WEAK


@pytest.mark.parametrize("name", [name for name in GUARDED if "appointments" in name])
def test_appointments_are_clinical(name: str) -> None:
    assert GUARDED[name].clinical
