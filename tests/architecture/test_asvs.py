"""Every item of docs/security/asvs.md is tested under its number, or says why not; and what code alone shows."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "security" / "asvs.md"
ROW = re.compile(
    r"^\| (?P<item>\d+\.\d+\.\d+) \| (?P<asks>.+?) \| (?P<how>tested|not applicable|not built): (?P<words>.+) \|$"
)
CODE_FROM_DATA = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}
FETCHES = {"httpx", "httpcore", "aiohttp", "requests", "urllib3"}
MAY_FETCH = {"demo", "stack", "gateway", "commands", "chaos"}
"""Parts that ask servers of the installation itself, or play somebody outside it."""
CONFIGURED = {"kernel/objects.py", "notifications/adapters/sms.py", "notifications/phone/server.py"}
"""Ask at addresses that the configuration names; the phone, a part of development alone, answers our own."""
DOOR = "kernel/outside.py"
"""Connects to public addresses alone; tests/kernel/test_outside.py shows it."""
THROUGH_THE_DOOR = {"therapy/adapters/fetching.py", "notifications/adapters/web_push.py"}


def rows() -> list[dict[str, str]]:
    return [found.groupdict() for line in DOCUMENT.read_text().splitlines() if (found := ROW.match(line))]


@cache
def shown() -> set[str]:
    """The numbers in the names of tests: test_asvs_4_2_1_…; one test may show several."""
    names = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_asvs_")
    }
    return {number.replace("_", ".") for name in names for number in re.findall(r"(?<=_)\d+_\d+_\d+(?=_)", name)}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "src").rglob("*.py")):
        yield path, ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["item"])
def test_an_item_is_tested_or_says_why_not(row: dict[str, str]) -> None:
    assert (row["how"] == "tested") == (row["item"] in shown()), row
    assert len(row["words"]) >= 8


def test_no_test_names_an_item_that_is_not_listed() -> None:
    assert shown() <= {row["item"] for row in rows()}
    assert len(rows()) > 60


def test_asvs_1_5_2_nothing_a_stranger_sends_becomes_code() -> None:
    for path, tree in sources():
        assert not imported(tree) & CODE_FROM_DATA, path
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "__import__"}, f"{path}:{node.lineno}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "yaml":
                assert node.attr not in {"load", "unsafe_load", "full_load"}, f"{path}:{node.lineno}"


def test_asvs_1_3_6_no_service_fetches_what_a_caller_names() -> None:
    """A part that begins to fetch goes through the door to the outside, or asks what the configuration names."""
    for path, tree in sources():
        inside = path.relative_to(ROOT / "src" / "mindlyfe")
        name, fetches = inside.as_posix(), bool(imported(tree) & FETCHES)
        if name in THROUGH_THE_DOOR:
            assert "from mindlyfe.kernel.outside import" in path.read_text(), path
        elif inside.parts[0] not in MAY_FETCH and "testing" not in inside.parts:
            assert not fetches or name in CONFIGURED | {DOOR}, path
