"""The OpenAPI 3.1 document of a context, from its routes and their types."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module, metadata
from typing import Any, Final, cast, get_args, get_origin

import msgspec
from litestar import Response, Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from mindlyfe.kernel.admission import IDEMPOTENCY_KEY
from mindlyfe.kernel.edge import routes_of
from mindlyfe.kernel.entity_tags import ETAG, IF_MATCH, IF_NONE_MATCH, UNCHANGED
from mindlyfe.kernel.examples import example
from mindlyfe.kernel.http import PUBLIC, get
from mindlyfe.kernel.inputs import Inputs
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.oauth import FORM, OAuthError
from mindlyfe.kernel.oauth import response as oauth_response
from mindlyfe.kernel.problems import Problem
from mindlyfe.kernel.refusals import refusals, response
from mindlyfe.kernel.route import Route

_REF: Final = "#/components/schemas/{name}"
_SECURITY: Final[dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The access token, for apps."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "mindlyfe_main_access",
        "description": "The access token, for browsers; the name carries the instance. Writes must be same-origin.",
    },
}


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path, with the types that need a schema."""

    context: str
    path: str
    route: Route
    inputs: Inputs
    path_types: Mapping[str, Any]
    tags: Sequence[str]
    result: Any

    @property
    def versioned(self) -> bool:
        """Whether answers have an ETag."""
        return self.route.kind == "http" and "version" in getattr(self.result, "__struct_fields__", ())


def documents(modules: Sequence[Module]) -> dict[str, dict[str, Any]]:
    """Context name → its OpenAPI document, ready for JSON."""
    return {module.name: _document(module) for module in modules}


def routes(modules: Sequence[Module]) -> Router:
    """`/<context>/openapi.json`, made when it is first asked for."""
    made: dict[str, bytes] = {}

    def handler(module: Module) -> HTTPRouteHandler:
        @get(f"/{module.name}/openapi.json", needs=PUBLIC)
        async def described() -> Response[bytes]:
            """This document."""
            if module.name not in made:
                made[module.name] = msgspec.json.encode(_document(module))
            return Response(made[module.name], media_type="application/json")

        return described

    return Router("/", route_handlers=[handler(module) for module in modules])


def _document(module: Module) -> dict[str, Any]:
    operations = list(_operations(module))
    types: list[Any] = [Problem, *([OAuthError] if any(one.route.oauth for one in operations) else [])]
    for operation in operations:
        types += [operation.result, operation.inputs.body, operation.inputs.form, *operation.path_types.values()]
        types += [kind for _, kind in operation.route.also]
        types += [field.type for field in msgspec.structs.fields(operation.inputs.query)]
    wanted = [kind for kind in types if kind not in {None, bytes}]
    found, components = _repeatable(msgspec.json.schema_components(wanted, ref_template=_REF))
    schemas = Schemas(list(zip(wanted, found, strict=True)), components)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _operation(operation, schemas, module.grants.get(operation.route.needs, frozenset()))
        paths.setdefault(operation.path, {})[operation.route.method.lower()] = described
    package = import_module(f"mindlyfe.{module.name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"MindLyfe {module.name}",
            "version": metadata.version("mindlyfe"),
            "description": inspect.cleandoc(package.__doc__ or module.name),
        },
        "servers": [{"url": "/"}],
        "paths": {path: dict(sorted(paths[path].items())) for path in sorted(paths)},
        "components": {"schemas": dict(sorted(components.items())), "securitySchemes": _SECURITY},
    }


def _repeatable(schema: Any) -> Any:
    """A schema without `uniqueItems`: a set takes the same item twice and keeps it once."""
    match schema:
        case dict():
            fields = cast("dict[str, Any]", schema)
            return {name: _repeatable(value) for name, value in fields.items() if name != "uniqueItems"}
        case list() | tuple():
            return [_repeatable(value) for value in cast("Sequence[Any]", schema)]
        case _:
            return schema


class Schemas:
    """The schema of each type of a document, and examples of it."""

    def __init__(self, found: Sequence[tuple[Any, dict[str, Any]]], components: Mapping[str, Any]) -> None:
        self._found, self._components = found, components

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type; bytes is anything."""
        return next((schema for known, schema in self._found if known == kind), {})

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What a reference refers to."""
        found: dict[str, Any] = self._components[schema["$ref"].rpartition("/")[2]]
        return found

    def content(self, kind: Any, media_type: str = "application/json") -> dict[str, Any]:
        """A body of this type, with an example."""
        if kind is bytes:
            return {media_type: {}}
        schema = self.of(kind)
        return {media_type: {"schema": schema, "example": example(schema, self._components)}}


def _operations(module: Module) -> Iterator[Operation]:
    for router in module.routes:
        for found, handler in routes_of(router):
            route: Route = handler.opt["route"]
            if route.kind == "mounted":
                continue
            parameters = found.path_parameters
            inputs = Inputs(route.function, frozenset(parameters))
            yield Operation(
                context=module.name,
                path=found.path_format,
                route=route,
                inputs=inputs,
                path_types={name: inputs.path.get(name, parameters[name].type) for name in parameters},
                tags=_tags(router, handler) or [module.name],
                result=_result(route),
            )


def _tags(router: Router, handler: BaseRouteHandler) -> list[str]:
    own = handler.tags if isinstance(handler, HTTPRouteHandler) else None
    return sorted({*(router.tags or ()), *(own or ())})


def _result(route: Route) -> Any:
    """What comes back: the annotation, without what wraps it. None: nothing."""
    annotation = inspect.signature(route.function, eval_str=True).return_annotation
    if route.status == 204 or route.kind == "websocket" or annotation in (inspect.Signature.empty, Response[None]):
        return None
    annotation = get_args(annotation)[0] if route.also else annotation  # the others are named after it
    inner = get_args(annotation)
    wrapped = get_origin(annotation) is Response or route.kind == "sse"
    return inner[0] if wrapped and inner else annotation


def _operation(operation: Operation, schemas: Schemas, roles: frozenset[str]) -> dict[str, Any]:
    route, text = operation.route, inspect.getdoc(operation.route.function) or ""
    summary, _, rest = text.partition("\n")
    described: dict[str, Any] = {
        "operationId": f"{operation.context}.{operation.tags[0].lower().replace(' ', '-')}.{route.function.__name__}",
        "summary": summary.rstrip("."),
        "tags": list(operation.tags),
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas),
        "security": [] if route.public else [{"bearer": []}, {"cookie": []}],
    }
    if rest.strip():
        described["description"] = rest.strip()
    if not route.public:
        described |= {"x-permission": route.needs, "x-roles": sorted(roles), "x-assurance": route.aal}
        described |= {"x-clinical": True} if route.clinical else {}
        described |= {"x-recent-sign-in-seconds": route.recent_s} if route.recent_s is not None else {}
        described |= {"x-scope": route.scope} if route.scope else {}
    body = operation.inputs.body
    if body is not None:
        media_type = "application/octet-stream" if body is bytes else "application/json"
        described["requestBody"] = {"required": True, "content": schemas.content(body, media_type)}
    if operation.inputs.form and not route.safe:
        described["requestBody"] = {"required": True, "content": schemas.content(operation.inputs.form, FORM)}
    return described


def _parameters(operation: Operation, schemas: Schemas) -> list[dict[str, Any]]:
    parameters = [_parameter(name, "path", True, schemas.of(kind)) for name, kind in operation.path_types.items()]
    for field in msgspec.structs.fields(operation.inputs.query):
        schema = schemas.of(field.type)
        if not field.required and field.default is not None and field.default is not msgspec.NODEFAULT:
            schema = {**schema, "default": msgspec.to_builtins(field.default)}
        parameters.append(_parameter(field.encode_name, "query", field.required, schema))
    if operation.inputs.form and operation.route.safe:
        parameters += _of_a_form(schemas.of(operation.inputs.form), schemas)
    if not operation.route.safe and not operation.route.oauth:
        parameters.append(dict(IDEMPOTENCY_KEY))
    if operation.inputs.expected:
        parameters.append({**IF_MATCH, "required": operation.inputs.must_match})
    if operation.versioned and operation.route.safe:
        parameters.append(dict(IF_NONE_MATCH))
    return parameters


def _of_a_form(schema: dict[str, Any], schemas: "Schemas") -> list[dict[str, Any]]:
    """The fields of a form that comes as a query, as parameters."""
    form = schemas.resolved(schema)
    needed = form.get("required", ())
    return [_parameter(name, "query", name in needed, field) for name, field in form["properties"].items()]


def _parameter(name: str, place: str, required: bool, schema: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name, "in": place, "required": required, "schema": schema}
    inner: dict[str, Any] = schema if "description" in schema else next(iter(schema.get("anyOf", [{}])), {})
    if "description" in inner:
        described["description"] = inner["description"]
    return described


def _responses(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    route, inputs = operation.route, operation.inputs
    if route.kind == "websocket":
        success: dict[str, Any] = {"101": {"description": "The WebSocket is open."}}
    elif operation.result is None:
        success = {str(route.status): {"description": "Done."}}
    else:
        content = schemas.content(operation.result, "text/event-stream" if route.kind == "sse" else route.media_type)
        done: dict[str, Any] = {"description": "Done.", "content": content | ({"text/csv": {}} if route.csv else {})}
        if operation.versioned:
            done["headers"] = ETAG
        success = {str(route.status): done, **(UNCHANGED if operation.versioned and route.safe else {})}
    success |= {str(also): {"description": "Also done.", "content": schemas.content(kind)} for also, kind in route.also}
    named = refusals(route, inputs, has_path=bool(operation.path_types))
    told = oauth_response if route.oauth else response
    return success | {str(status): told(reasons) for status, reasons in named.items()}
