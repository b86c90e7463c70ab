"""The command line without a platform: help, versions, refusals."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mindlyfe
from mindlyfe.cli import COMMANDS, main
from mindlyfe.stack.instance import held, make

PACKAGE = Path(mindlyfe.__file__).parent


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "mindlyfe", *words], capture_output=True, text=True, check=False)


def test_every_command_is_listed_with_what_it_does() -> None:
    shown = run("--help").stdout
    for name, (_, words) in COMMANDS.items():
        assert name in shown
        assert words.split(".")[0][:40] in shown


def test_help_imports_no_command() -> None:
    code = """
import sys
from mindlyfe.cli import app
app().help_print()
print([m for m in sys.modules if "mindlyfe." in m])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout.splitlines()[-1]) == ["mindlyfe.cli"]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert COMMANDS[name][1].split(".")[0] in done.stdout.replace("\n", " ")


def test_an_unknown_command() -> None:
    done = run("upp")
    assert done.returncode != 0
    assert "up" in done.stdout + done.stderr


@pytest.mark.parametrize("words", [["status"], ["down"], ["logs"], ["backup", "there"], ["demo"], ["migrate"]])
def test_without_a_platform_it_says_how_to_start_one(words: list[str], tmp_path: Path) -> None:
    done = run(*words, "--data-dir", str(tmp_path / "nothing"))
    assert done.returncode == 2
    assert "mindlyfe up" in done.stderr
    assert not (tmp_path / "nothing").exists()


def test_up_refuses_before_it_starts_anything(tmp_path: Path) -> None:
    done = run("up", "--bind", "0.0.0.0", "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 2
    assert "--tls-cert" in done.stderr


def test_two_at_once(tmp_path: Path) -> None:
    with held(make(tmp_path / "data")):
        done = run("down", "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 2
    assert "Try again" in done.stderr


def test_restore_refuses_what_is_not_a_backup(tmp_path: Path) -> None:
    done = run("restore", str(tmp_path), "--data-dir", str(tmp_path / "new"))
    assert done.returncode == 2
    assert "not a backup" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MINDLYFE_DATABASE__PORT", "lots")
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--contexts", "therapy", "--port", "1"])
    assert ended.value.code == 2
    assert "MINDLYFE_DATABASE__PORT" in capsys.readouterr().err
