"""What a route takes: its signature read once, each request checked against it, every mistake named by field."""

import inspect
import json
import re
from collections.abc import Container, Mapping
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar.params import ParameterKwarg

from mindlyfe.kernel.errors import Malformed
from mindlyfe.kernel.problems import FieldError, UnsupportedMediaType, WrongFields

INJECTED: Final = frozenset({"who", "act", "expected", "request", "socket", "data", "form"})
_JSON: Final = re.compile(rb"application/(?:json|[a-z0-9.+-]+\+json)\s*(?:;\s*charset=utf-?8\s*)?", re.IGNORECASE)
_FORM: Final = re.compile(rb"application/x-www-form-urlencoded\s*(?:;\s*charset=utf-?8\s*)?", re.IGNORECASE)
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_WHERE: Final = re.compile(r" - at `\$?(.*)`$", re.DOTALL)
_LISTS: Final = (list, tuple, set, frozenset)
_TIMES: Final = (datetime,)
# msgspec would take a number for seconds since 1970, in a query alone: there, text may stand for a number.
_DATED: Final = re.compile(r"\d{4}-")
_MOST: Final = 100
_PLAIN: Final = re.compile(r"[\w.:-]+=[\w.:-]*(?:&[\w.:-]+=[\w.:-]*){0,9}", re.ASCII)
"""A query in which nothing is encoded: most of them, and parsed in a third of the time."""
_NAME: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)


class Inputs:
    """The parameters of one route's function."""

    def __init__(self, function: Any, path_names: frozenset[str]) -> None:
        self.parameters = inspect.signature(function, eval_str=True).parameters
        names = self.parameters.keys()
        self.wanted = [name for name in ("who", "act", "request") if name in names]
        self.who = "who" in names
        self.expected = "expected" in names
        self.must_match = self.expected and not _optional(self.parameters["expected"])
        self.must_sign_in = self.who and not _optional(self.parameters["who"])
        self.path = {n: p.annotation for n, p in self.parameters.items() if n in path_names}
        self.query = _query_struct({n: p for n, p in self.parameters.items() if n not in path_names | INJECTED})
        self.query_fields = self.query.__struct_fields__
        fields = msgspec.structs.fields(self.query)
        self._lists = {field.encode_name for field in fields if _holds(field.type, _LISTS)}
        self._times = {field.encode_name for field in fields if _holds(field.type, _TIMES)}
        self.body: Any = self.parameters["data"].annotation if "data" in names else None
        self.form: Any = self.parameters["form"].annotation if "form" in names else None
        self._decode = msgspec.json.Decoder(self.body).decode if self.body not in {None, bytes} else None

    def from_path(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The path parameters. Litestar has parsed `{x:uuid}` already. Raises WrongFields."""
        return {name: _converted(values[name], kind, name) for name, kind in self.path.items()}

    def from_query(self, query: bytes) -> dict[str, Any]:
        """The query parameters; one that the route does not know is refused. Raises WrongFields."""
        values: dict[str, Any] = {}
        if query:
            _parse_query(query, self._lists, values)
        for name in self._times & values.keys():
            if not _DATED.match(values[name]):
                raise WrongFields(FieldError(name, "Expected a time such as 2026-06-01T09:00:00Z."))
        try:
            parsed = msgspec.convert(values, self.query, strict=False)
        except (msgspec.ValidationError, RecursionError) as wrong:
            raise explained(wrong) from None
        return {name: getattr(parsed, name) for name in self.query_fields}

    def from_body(self, body: bytes, content_type: bytes | None) -> Any:
        """The body as the type of `data`. Raises WrongFields, UnsupportedMediaType."""
        if self._decode is None:
            return body
        if content_type is None or not _JSON.fullmatch(content_type.strip()):
            raise UnsupportedMediaType
        if _NUL.search(body):
            raise Malformed("Text must not contain the character U+0000.")
        try:
            data = self._decode(body)
            json.loads(body, object_pairs_hook=_without_duplicates)
        except msgspec.ValidationError as wrong:
            raise explained(wrong) from None
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise Malformed("The body is not JSON, or is nested too deeply.") from None
        return data

    def from_form(self, form: bytes, content_type: bytes | None) -> Any:
        """The fields of a form as the type of `form`; the type is None for the query of an address.

        Those that the route does not know are ignored, and empty ones are as if they were not there (RFC 6749, 3.2).
        Raises WrongFields, UnsupportedMediaType.
        """
        if content_type is not None and not _FORM.fullmatch(content_type.strip()):
            raise UnsupportedMediaType("Send a form with `Content-Type: application/x-www-form-urlencoded`.")
        values: dict[str, Any] = {}
        _parse_query(form, (), values)
        try:
            return msgspec.convert({name: value for name, value in values.items() if value}, self.form)
        except msgspec.ValidationError as wrong:
            raise explained(wrong) from None


def explained(wrong: Exception) -> WrongFields:
    """A validation error in words that name the field and never repeat its value."""
    text = str(wrong)
    where = _WHERE.search(text)
    field = where.group(1).lstrip(".") if where else ""
    message = text[: where.start()] if where else text
    unknown = re.match(r"Object contains unknown field `(.*)`$", message, re.DOTALL)
    missing = re.match(r"Object missing required field `(.*)`$", message)
    if unknown:
        name = unknown.group(1)
        return WrongFields(
            FieldError(_joined(field, name if _NAME.fullmatch(name) else "?"), "This field is not known.")
        )
    if missing:
        return WrongFields(FieldError(_joined(field, missing.group(1)), "This field is required."))
    if message.startswith(("Invalid enum value", "Invalid value")):
        message = "This is not one of the allowed values."
    return WrongFields(FieldError(field, message))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _without_duplicates(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({name for name, _ in pairs}):
        raise Malformed("An object in the body names the same field twice.")


def _converted(value: Any, kind: Any, name: str) -> Any:
    if isinstance(value, UUID):
        return value
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise WrongFields(FieldError(name, explained(wrong).errors[0].message)) from None


def _optional(parameter: inspect.Parameter) -> bool:
    return type(None) in get_args(parameter.annotation)


def _query_struct(parameters: Mapping[str, inspect.Parameter]) -> type[msgspec.Struct]:
    """A Struct of the query parameters. `from_` is `from` on the wire; `Parameter(query=…)` renames, too."""
    fields: list[Any] = []
    names: dict[str, str] = {}
    for name, parameter in parameters.items():
        names[name] = _renamed(parameter.annotation) or name.rstrip("_")
        required = parameter.default is inspect.Parameter.empty
        fields.append((name, parameter.annotation) if required else (name, parameter.annotation, parameter.default))
    return msgspec.defstruct("Query", fields, kw_only=True, frozen=True, forbid_unknown_fields=True, rename=names)


def _renamed(annotation: Any) -> str | None:
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, ParameterKwarg) and extra.query:
                return extra.query
    return None


def _parse_query(query: bytes, lists: Container[str], values: dict[str, Any]) -> None:
    for name, value in _pairs(query):
        if "\0" in value:
            raise WrongFields(FieldError(name if _NAME.fullmatch(name) else "?", "Text must not contain U+0000."))
        if name in lists:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise WrongFields(FieldError(name if _NAME.fullmatch(name) else "?", "This parameter is given twice."))
        else:
            values[name] = value


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        text = query.decode("ascii")
        if _PLAIN.fullmatch(text):
            return [(name, value) for name, _, value in (pair.partition("=") for pair in text.split("&"))]
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST)
    except ValueError:
        raise Malformed("The query is not valid UTF-8, or has too many parameters.") from None


def _holds(kind: Any, wanted: tuple[type, ...]) -> bool:
    """Whether a parameter may be one of these types: also when it may be missing or is annotated."""
    origin = get_origin(kind)
    if origin in {Union, UnionType, Annotated}:
        return any(_holds(inner, wanted) for inner in get_args(kind))
    return (origin or kind) in wanted
