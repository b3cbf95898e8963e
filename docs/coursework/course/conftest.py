"""Adds up the points of the tests that passed, and says so at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the points, as ``Points: 7 of 20``."""
    earned = possible = 0
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            points = dict(report.user_properties).get("points", 0) if report.when == "call" else 0
            possible += points
            earned += points if outcome == "passed" else 0
    terminalreporter.write_line(f"Points: {earned} of {possible}")
