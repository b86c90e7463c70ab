"""Which refusals a route can answer with, and how a document tells them."""

from collections.abc import Sequence
from typing import Any

from mindlyfe.kernel.access import CrossSite, InvalidToken, ScopeTooNarrow
from mindlyfe.kernel.admission import WrongRegion
from mindlyfe.kernel.errors import (
    AssuranceTooLow,
    DomainError,
    Forbidden,
    KeyReused,
    Malformed,
    NotFound,
    SignInTooOld,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from mindlyfe.kernel.inputs import Inputs
from mindlyfe.kernel.problems import MEDIA_TYPE, Failure, PreconditionRequired, TimedOut, UnsupportedMediaType, title
from mindlyfe.kernel.route import Route


def refusals(route: Route, inputs: Inputs, *, has_path: bool) -> dict[int, list[type[DomainError]]]:
    """Status → the reasons: what the route declares, and what its limits and inputs bring with them."""
    reasons: list[type[DomainError]] = [Malformed, *route.refuses, TooMany, Failure, Unavailable]
    if route.timeout_s:
        reasons.append(TimedOut)
    if not route.public or inputs.must_sign_in:
        reasons += [Unauthenticated, InvalidToken, WrongRegion]
    if not route.public:
        reasons += [Forbidden, ScopeTooNarrow]
    if route.aal > 1 or route.clinical:
        reasons.append(AssuranceTooLow)
    if route.recent_s is not None:
        reasons.append(SignInTooOld)
    if has_path:
        reasons.append(NotFound)
    if not route.safe:
        reasons += [] if route.oauth else [KeyReused]
        reasons += [TooLarge] + ([] if route.public else [CrossSite])
    if (inputs.body is not None and inputs.body is not bytes) or (inputs.form and not route.safe):
        reasons.append(UnsupportedMediaType)
    if inputs.must_match:
        reasons.append(PreconditionRequired)
    grouped: dict[int, list[type[DomainError]]] = {}
    for reason in dict.fromkeys(reasons):
        grouped.setdefault(reason.status, []).append(reason)
    return dict(sorted(grouped.items()))


def response(reasons: Sequence[type[DomainError]]) -> dict[str, Any]:
    """The response object of one status: what each reason means, with an example."""
    described: dict[str, Any] = {
        "description": "\n".join(f"- `{reason.code}`: {title(reason)}. {reason.advice}".rstrip() for reason in reasons),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {reason.code: {"value": _example(reason)} for reason in reasons},
            }
        },
    }
    return described


def _example(reason: type[DomainError]) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": f"/problems/{reason.code}",
        "title": title(reason),
        "status": reason.status,
        "detail": reason.advice or reason.code,
        "correlation": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    if reason is Malformed:
        example["errors"] = [{"field": "starts_at", "message": "This field is required."}]
    return example
