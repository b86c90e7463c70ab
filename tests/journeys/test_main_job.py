"""The main job, played from outside, with contexts joined by calls and by serialised, doubled messages."""

from typing import Any

from mindlyfe.demo.care import Care
from mindlyfe.demo.report import Report
from mindlyfe.demo.story import Story


def test_the_main_job_holds(platform: Any) -> None:
    report = Report(as_json=True)
    story = Story(platform.base, platform.mailbox, (platform.setup_link(), platform.setup_link()), report)
    story.play_without_gateway()
    holds(report)
    assert len(report.steps) > 10
    before = len(report.steps)
    Care(story).play()
    holds(report)
    assert len(report.steps) >= before + 8


def holds(report: Report) -> None:
    broken = [f"{step.name}: {step.outcome}" for step in report.steps if not step.held]
    assert not broken, "\n".join(broken)
