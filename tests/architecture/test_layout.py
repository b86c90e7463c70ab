"""The catalogue, the folders and the import contracts name the same contexts; each context has the same shape."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mindlyfe.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "mindlyfe"
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


def contract(start: str) -> dict[str, Any]:
    return next(c for c in CONTRACTS if c["name"].startswith(start))


def test_every_context_folder_is_in_the_catalogue() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/wiring.py")}
    assert folders == set(CATALOGUE)


def test_every_context_is_layered_and_protected() -> None:
    expected = {f"mindlyfe.{name}" for name in CATALOGUE}
    assert set(contract("Inside a context")["containers"]) == expected
    protected = {c["allowed_importers"][0] for c in CONTRACTS if c["type"] == "protected"}
    assert protected == expected
    assert expected <= set(contract("The kernel knows no context")["forbidden_modules"])


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_context_has_the_shape_of_all(name: str) -> None:
    folder = PACKAGE / name
    assert (folder / "contract.py").exists() or (folder / "contract" / "__init__.py").exists()
    for part in ("wiring.py", "domain", "application", "adapters/http", "adapters/migrations"):
        assert (folder / part).exists(), part
    assert (folder / "__init__.py").read_text().startswith('"""')


def test_no_word_of_private_payloads_in_log_calls() -> None:
    """A log line may carry ids and counts, never a command, an event or a body."""
    for path in PACKAGE.rglob("*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if "log." in line or "logger." in line:
                assert not any(f"{word}=" in line for word in ("payload", "body", "email", "password", "token")), (
                    f"{path}:{number}"
                )
