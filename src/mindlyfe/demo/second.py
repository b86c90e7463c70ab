"""Backup of the running platform and restore into a second instance, by the command line a person would use."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect
from mindlyfe.demo.report import Report
from mindlyfe.demo.story import Story, book
from mindlyfe.stack.ports import free_port

PATIENCE_S: Final = 180


def command(*words: str) -> str:
    """Run `mindlyfe …` to its end and return what it printed. Raises AssertionError with its words when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "mindlyfe", *words], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, f"mindlyfe {words[0]}: {(done.stderr or done.stdout)[-400:]}"
    return done.stdout


@contextmanager
def restored(data: Path, folder: Path) -> Generator[str]:
    """Back up the instance in `data`, restore it into a new one in `folder`, and yield the new one's address."""
    backup, key, second = folder / "backup", folder / "root-key.txt", folder / "second"
    command("backup", str(backup), "--data-dir", str(data), "--root-key-file", str(key))
    command("restore", str(backup), "--data-dir", str(second), "--root-key-file", str(key))
    port = free_port()
    command("up", "--detach", "--data-dir", str(second), "--port", str(port))
    try:
        yield f"http://localhost:{port}"
    finally:
        command("down", "--data-dir", str(second))


def play(report: Report, data: Path | None, story: Story) -> None:
    """The step of the demo: the patient signs in at the second instance, finds what was there, and goes on booking."""
    with report.step("a backup restored into a second instance holds everything and goes on") as step:
        if data is None:
            step.skip("only for a platform on this machine")
            return
        with tempfile.TemporaryDirectory(prefix="mindlyfe-demo-") as folder, restored(data, Path(folder)) as base:
            patient = story.patient
            there = Person(base, patient.name, patient.email, patient.password)
            there.sign_in()
            found: dict[str, Any] = expect(there.call("GET", f"/v1/appointments/{story.appointment}"), 200).json()
            assert found["status"] == "cancelled", json.dumps(found)
            expect(book(there, story.therapist, story.slots[2], str(uuid4())), 201)
            mailbox = Mailbox(f"{base}/dev/mailbox")
            mailbox.expect(there.email, "appointment")
            told = len(mailbox.of(there.email))
            assert told == 1, f"{told} mails: the restored platform told again what was told before the backup"
            step.found("signed in there, the history is there, booked again, told once")
