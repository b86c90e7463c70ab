"""Which roles may do what. What depends on a relation is decided where the relation is known."""

from collections.abc import Mapping
from typing import Final

from mindlyfe.kernel.clinical import FRONT_DESK
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.policy import CLINICIANS

EVERYBODY: Final[frozenset[Role]] = frozenset(
    {"patient", "therapist", "supervisor", "reception", "clinic-admin", "privacy-officer", "operator"}
)
PATIENTS: Final[frozenset[Role]] = frozenset({"patient"})
PRIVACY: Final[frozenset[Role]] = frozenset({"privacy-officer"})
WATCHING: Final[frozenset[Role]] = frozenset({"clinic-admin", "privacy-officer"})
OPERATOR: Final[frozenset[Role]] = frozenset({"operator"})
ADMIN: Final[frozenset[Role]] = frozenset({"clinic-admin"})
REVIEWERS: Final[frozenset[Role]] = frozenset({"privacy-officer"})
CARING: Final[frozenset[Role]] = FRONT_DESK | CLINICIANS

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "sessions:read": EVERYBODY,
    "sessions:name": EVERYBODY,
    "sessions:end": EVERYBODY,
    "sessions:prove": EVERYBODY,
    "factors:read": EVERYBODY,
    "factors:change": EVERYBODY,
    "me:read": EVERYBODY,
    "userinfo:read": EVERYBODY,
    "apps:manage": OPERATOR,
    "authorizations:decide": EVERYBODY,
    "allowances:read": EVERYBODY,
    "allowances:withdraw": EVERYBODY,
    "me:change": EVERYBODY,
    "profiles:read": CARING,
    "profiles:change": FRONT_DESK,
    "me:export": EVERYBODY,
    "consent-texts:read": EVERYBODY,
    "consent-texts:publish": ADMIN,
    "consent-proofs:check": EVERYBODY,
    "my-consents:read": PATIENTS,
    "my-consents:change": PATIENTS,
    "consents:read": CARING | PRIVACY,
    "consents:record": CARING,
    "audit:read": WATCHING,
    "me:erase": EVERYBODY,
    "me:correct": EVERYBODY,
    "corrections:decide": FRONT_DESK | PRIVACY,
    "erasures:decide": PRIVACY,
    "organisation:read": EVERYBODY,
    "therapists:read": EVERYBODY,
    "names:read": EVERYBODY,
    "members:read": FRONT_DESK,
    "members:assign-roles": ADMIN,
    "invitations:issue": FRONT_DESK,
    "invitations:read": FRONT_DESK,
    "members:suspend": ADMIN,
    "members:register": ADMIN,
    "members:clear-waits": ADMIN,
    "members:sessions": ADMIN,
    "members:reset-factors": ADMIN,
    "membership:end": EVERYBODY,
    "accounts:read": OPERATOR,
    "accounts:lock": OPERATOR,
    "accounts:reset-factors": OPERATOR,
    "organisation:change": ADMIN,
    "clinics:read": OPERATOR,
    "setup-links:manage": OPERATOR,
    "signing-keys:read": OPERATOR,
    "signing-keys:rotate": OPERATOR,
    "registration-links:manage": ADMIN,
    "care:start": FRONT_DESK,
    "care:end": CARING,
    "care:read": CARING,
    "handovers:order": ADMIN,
    "merges:manage": WATCHING,
    "supervisions:manage": ADMIN,
    "supervisions:read": frozenset({"clinic-admin", "therapist", "supervisor"}),
    "break-glass:open": CLINICIANS,
    "break-glass:end": CLINICIANS | REVIEWERS,
    "break-glass:read": CLINICIANS | REVIEWERS,
    "break-glass:review": REVIEWERS,
}
"""Permission → the roles that have it."""
