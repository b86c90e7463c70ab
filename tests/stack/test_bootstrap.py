"""The script at the root: installs once, then only hands over."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = """#!/bin/sh
echo "$@" >>"$(dirname "$0")/calls"
case $1 in --version) echo "uv 0.0"; exit 0 ;; esac
mkdir -p .venv/bin
printf '#!/bin/sh\\necho ran "$@"\\n' >.venv/bin/python
chmod +x .venv/bin/python
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the script and what it looks at, with a uv that only pretends."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("mindlyfe", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    uv = tmp_path / "tools" / "uv"
    uv.parent.mkdir()
    uv.write_text(UV)
    uv.chmod(uv.stat().st_mode | stat.S_IXUSR)
    return root


def run(checkout: Path, *words: str) -> str:
    path = f"{checkout.parent / 'tools'}:{os.defpath}"
    return subprocess.run(
        [str(checkout / "mindlyfe"), *words], env={"PATH": path}, capture_output=True, text=True, check=True, cwd="/"
    ).stdout


def syncs(checkout: Path) -> list[str]:
    calls = checkout.parent / "tools" / "calls"
    return [line for line in calls.read_text().splitlines() if line.startswith("sync")] if calls.exists() else []


def test_it_installs_once_and_hands_over(checkout: Path) -> None:
    assert run(checkout, "up", "--port", "80 80") == "ran -m mindlyfe up --port 80 80\n"
    assert run(checkout) == "ran -m mindlyfe\n"
    assert syncs(checkout) == ["sync --frozen --quiet --inexact"]


def test_a_changed_lock_installs_again(checkout: Path) -> None:
    run(checkout)
    with (checkout / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    run(checkout)
    run(checkout)
    assert len(syncs(checkout)) == 2


def test_a_lost_interpreter_installs_again(checkout: Path) -> None:
    run(checkout)
    (checkout / ".venv" / "bin" / "python").unlink()
    run(checkout)
    assert len(syncs(checkout)) == 2


def test_benchmarks_bring_their_own_packages(checkout: Path) -> None:
    run(checkout)
    run(checkout, "bench", "events")
    run(checkout)
    assert syncs(checkout)[1:] == ["sync --frozen --quiet --inexact --group bench"]


def test_it_works_through_a_link(checkout: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("checkout/mindlyfe")
    done = subprocess.run(
        [str(link), "status"],
        env={"PATH": f"{tmp_path / 'tools'}:{os.defpath}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "ran -m mindlyfe status\n"


def test_a_failed_installation_says_so_and_is_tried_again(checkout: Path) -> None:
    uv = checkout.parent / "tools" / "uv"
    works = uv.read_text()
    uv.write_text(works.replace("mkdir", 'echo "no network" >&2; exit 2\nmkdir'))
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run(checkout)
    assert "no network" in failed.value.stderr
    assert "Run the same command again" in failed.value.stderr
    uv.write_text(works)
    assert run(checkout) == "ran -m mindlyfe\n"
