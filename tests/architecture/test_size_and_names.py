"""Files stay under 250 lines and functions under 40; names explain themselves; each module says what it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES = 250
FUNCTION_LINES = 40
EXCEPTIONS: dict[str, str] = {}
"""Path, or path::function → why it must be longer."""
FORBIDDEN_WORDS = ("Manager", "Helper", "Utils", "Util", "Base", "Impl")


def sources() -> Iterator[Path]:
    for folder in ("src", "tests", "benchmarks"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*sources()], ids=name_of)
def test_a_module_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert len(text.splitlines()) <= FILE_LINES or name_of(path) in EXCEPTIONS, f"{len(text.splitlines())} lines"
    assert ast.get_docstring(tree) or not tree.body, "the first line must say what the module is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            key = f"{name_of(path)}::{node.name}"
            assert lines <= FUNCTION_LINES or key in EXCEPTIONS, f"{node.name}: {lines} lines"
        if isinstance(node, ast.ClassDef):
            assert not any(node.name.endswith(word) for word in FORBIDDEN_WORDS), node.name


def test_exceptions_are_still_needed() -> None:
    assert all((ROOT / key.partition("::")[0]).exists() for key in EXCEPTIONS)
