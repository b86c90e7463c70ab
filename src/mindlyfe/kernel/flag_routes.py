"""The flags of a context over HTTP: the same routes for each, made of what its module declares."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Router

from mindlyfe.kernel.declared import Flag, Value
from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.flags import Flags, Kept
from mindlyfe.kernel.http import Page, delete, get, put
from mindlyfe.kernel.messages import REGION, Act, Command, Principal, Role
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.problems import FieldError, WrongFields

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "flags:read": frozenset({"clinic-admin", "operator"}),
    "flags:set": frozenset({"clinic-admin"}),
    "flags:set-for-all": frozenset({"operator"}),
}
NewValue = Annotated[
    bool | Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")],
    msgspec.Meta(description="Of the flag's kind: true or false, or a text.", examples=[True]),
]


class SetFlag(Command, frozen=True):
    """What the flag is from now on."""

    value: NewValue


class FlagView(msgspec.Struct, frozen=True, kw_only=True):
    """Something a clinic may switch, and how it stands there."""

    name: str
    does: str
    kind: Literal["boolean", "text"]
    default: Value
    for_all: Value | None
    """What operators set for every clinic without a value of its own; null: nothing."""
    own: Value | None
    """What this clinic set; null: nothing."""
    value: Value
    """What holds in this clinic: its own, else the one for all, else the default."""


def with_flags(module: Module, flags: Flags) -> Module:
    """The module with the routes of its flags."""
    named = {flag.name: flag for flag in module.flags}
    if len(named) != len(module.flags):
        raise ValueError(f"two flags of {module.name} have the same name")
    added = [_routes(module.name, named, flags), _for_all(module.name, named, flags)]
    return replace(module, routes=[*module.routes, *added], grants={**module.grants, **GRANTS})


def _routes(context: str, named: Mapping[str, Flag[Any]], flags: Flags) -> Router:
    """`/v1/flags/<context>`, `…/{flag}`: how they stand, and a clinic's own values."""

    @get(needs="flags:read", aal=2, refuses=(Unavailable,))
    async def listed(who: Principal) -> Page[FlagView]:
        """What can be switched in this part of the platform, and how it stands in the caller's clinic."""
        return Page(await _shown(list(named.values()), flags, who))

    @put("/{flag:str}", needs="flags:set", aal=2, refuses=(NotFound, Unavailable))
    async def set_(flag: str, data: SetFlag, who: Principal) -> FlagView:
        """Set a flag for the caller's clinic. It counts everywhere within 3 seconds."""
        return await _set(_known(named, flag), data, flags, who, who.act)

    @delete("/{flag:str}", needs="flags:set", aal=2, refuses=(NotFound, Unavailable))
    async def unset(flag: str, who: Principal) -> None:
        """Let the caller's clinic have no value of its own any more."""
        await flags.unset(_known(named, flag), who.act)

    return Router(f"/v1/flags/{context}", route_handlers=[listed, set_, unset], tags=["Flags"])


def _for_all(context: str, named: Mapping[str, Flag[Any]], flags: Flags) -> Router:
    """`/v1/flags/<context>/{flag}/for-all`: the values of clinics that have none of their own."""

    @put(needs="flags:set-for-all", aal=2, refuses=(NotFound, Unavailable))
    async def set_for_all(flag: str, data: SetFlag, who: Principal) -> FlagView:
        """Set a flag for every clinic of the region that has no value of its own."""
        return await _set(_known(named, flag), data, flags, who, who.act.within(REGION))

    @delete(needs="flags:set-for-all", aal=2, refuses=(NotFound, Unavailable))
    async def unset_for_all(flag: str, who: Principal) -> None:
        """Let the default hold in every clinic that has no value of its own."""
        await flags.unset(_known(named, flag), who.act.within(REGION))

    return Router(
        f"/v1/flags/{context}/{{flag:str}}/for-all", route_handlers=[set_for_all, unset_for_all], tags=["Flags"]
    )


async def _set(flag: Flag[Any], c: SetFlag, flags: Flags, who: Principal, act: Act) -> FlagView:
    """Raises WrongFields for a value of another kind."""
    value: Any = c.value
    if not flag.fits(value):
        wanted = "true or false" if _kind(flag) == "boolean" else "a text"
        raise WrongFields(FieldError("value", f"This flag takes {wanted}."))
    await flags.set(flag, value, act)
    [shown] = await _shown([flag], flags, who)
    return shown


async def _shown(wanted: Sequence[Flag[Any]], flags: Flags, who: Principal) -> list[FlagView]:
    kept = await flags.kept(who.tenant)
    return [_view(flag, kept.get(flag.name, Kept())) for flag in wanted]


def _view(flag: Flag[Any], kept: Kept) -> FlagView:
    """A value that was set when the flag was of another kind counts for nothing."""
    own, for_all = (value if flag.fits(value) else None for value in kept)
    holds = next(value for value in (own, for_all, flag.default) if value is not None)
    return FlagView(
        name=flag.name,
        does=flag.does,
        kind=_kind(flag),
        default=flag.default,
        for_all=for_all,
        own=own,
        value=holds,
    )


def _kind(flag: Flag[Any]) -> Literal["boolean", "text"]:
    return "boolean" if isinstance(flag.default, bool) else "text"


def _known(named: Mapping[str, Flag[Any]], name: str) -> Flag[Any]:
    """The flag of that name, if it was declared. Raises NotFound."""
    if name not in named:
        raise NotFound
    return named[name]
