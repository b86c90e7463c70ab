"""Sets of roles that permissions are granted to, for all contexts. A context adds those that only it knows."""

from typing import Final

from mindlyfe.kernel.messages import Role

PATIENT: Final[frozenset[Role]] = frozenset({"patient"})
THERAPIST: Final[frozenset[Role]] = frozenset({"therapist"})
SUPERVISORS: Final[frozenset[Role]] = frozenset({"supervisor"})
CLINICIANS: Final[frozenset[Role]] = THERAPIST | SUPERVISORS
"""Who treats patients: whom what is clinical may open to, besides the person it is about."""
ADMIN: Final[frozenset[Role]] = frozenset({"clinic-admin"})
FRONT_DESK: Final[frozenset[Role]] = ADMIN | frozenset[Role]({"reception"})
PRIVACY: Final[frozenset[Role]] = frozenset({"privacy-officer"})
"""Who decides on erasures and corrections, and reviews broken glass."""
OPERATOR: Final[frozenset[Role]] = frozenset({"operator"})
EVERYBODY: Final[frozenset[Role]] = PATIENT | CLINICIANS | FRONT_DESK | PRIVACY | OPERATOR
"""Everybody who signs in; a service does not."""
