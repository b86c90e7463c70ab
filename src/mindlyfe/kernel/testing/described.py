"""The operations of OpenAPI documents, for tests that go through all of them: new routes come by themselves."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One operation, as its document tells it."""

    method: str
    path: str
    """A template: `/v1/appointments/{appointment}`."""
    public: bool
    body: dict[str, Any] | None
    """An example of the JSON object it takes; None when it takes none."""
    form: dict[str, Any] | None
    """An example of the form it takes as OAuth does, and then refuses by."""
    query: Mapping[str, bool]
    """Its query parameters, and whether they must be there."""
    matches: bool
    """Whether it takes If-Match."""

    @property
    def name(self) -> str:
        """`PUT /v1/appointments/{appointment}`."""
        return f"{self.method} {self.path}"


def described(documents: Mapping[str, dict[str, Any]]) -> Iterator[Described]:
    """The operations of all contexts, in the same order in every process that asks."""
    for document in documents.values():
        for path, methods in sorted(document["paths"].items()):
            for method, operation in sorted(methods.items()):
                parameters = operation["parameters"]
                content = operation.get("requestBody", {}).get("content", {})
                yield Described(
                    method=method.upper(),
                    path=path,
                    public=not operation["security"],
                    body=content.get("application/json", {}).get("example"),
                    form=content.get("application/x-www-form-urlencoded", {}).get("example"),
                    query={one["name"]: one["required"] for one in parameters if one["in"] == "query"},
                    matches=any(one["name"] == "If-Match" for one in parameters),
                )
