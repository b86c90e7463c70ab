"""Flags of all contexts: none of them is a control of safety, each of them switches something."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest

from mindlyfe.assembly import modules
from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.declared import controls

MODULES = {module.name: module for module in modules(Settings())}
DECLARED = [(name, flag) for name, module in MODULES.items() for flag in module.flags]


def test_there_are_flags() -> None:
    assert DECLARED


@pytest.mark.parametrize(("context", "flag"), DECLARED, ids=lambda one: getattr(one, "name", one))
def test_no_flag_is_a_control_of_safety(context: str, flag: object) -> None:
    """Nor do the words of its constant say so."""
    constant = constants(context)[flag]
    name, does = (getattr(flag, one) for one in ("name", "does"))
    assert not controls(f"{name} {does} {constant.replace('_', ' ')}"), context


@pytest.mark.parametrize(("context", "flag"), DECLARED, ids=lambda one: getattr(one, "name", one))
def test_each_flag_switches_something(context: str, flag: object) -> None:
    constant = constants(context)[flag]
    folder = CATALOGUE[context].migrations.parents[1]
    code = "".join(path.read_text() for path in (folder / "application").rglob("*.py"))
    assert f"flags.on({constant}," in code or f"flags.text({constant}," in code, f"nothing looks at {constant}"


@pytest.mark.parametrize("context", sorted(CATALOGUE))
def test_every_context_has_the_same_routes_for_flags(context: str) -> None:
    paths = {route.path_format for router in MODULES[context].routes for route in router.routes}
    whole = f"/v1/flags/{context}"
    assert {path for path in paths if path.startswith("/v1/flags")} == {
        whole,
        f"{whole}/{{flag}}",
        f"{whole}/{{flag}}/for-all",
    }


def constants(context: str) -> dict[object, str]:
    """Each flag of the context, and how its code calls it."""
    declared: Mapping[str, Any] = vars(import_module(f"mindlyfe.{context}.domain.flags"))
    return {flag: name for name, value in declared.items() for flag in MODULES[context].flags if value is flag}
