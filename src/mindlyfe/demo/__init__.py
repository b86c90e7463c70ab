"""The demo: the main job and what treatment takes, played over HTTP through the gateway, as a table of steps."""

from pathlib import Path

from mindlyfe.demo import second
from mindlyfe.demo.care import Care
from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.report import Report
from mindlyfe.demo.story import Story


def run(base: str, mailbox: str, links: tuple[str, str], *, data: Path | None, as_json: bool) -> int:
    """Play the main job against the gateway at `base`. Returns 0 only when every step holds.

    `mailbox` is where mail can be read (`<base>/dev/mailbox`), `links` are two unused one-time set-up links, `data` is
    the directory of the platform when it runs on this machine (for backup and restore).
    """
    report = Report(as_json)
    story = Story(base.rstrip("/"), Mailbox(mailbox.rstrip("/")), links, report)
    with report.step("the story can be told to its end"):
        story.play()
        Care(story).play()
        second.play(report, data, story)
    report.show()
    return 0 if report.held else 1
