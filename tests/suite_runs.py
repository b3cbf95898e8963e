"""The runs of the whole suite, each made once for all tests that look at it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from checker.engines import How
from tcpfsm.loader.target import load_shipped, shipped
from tcpfsm.run.run import Options, run
from tcpfsm.run.suite import jobs

if TYPE_CHECKING:
    import pytest

    from tcpfsm.loader.protocol import Protocol
    from tcpfsm.run.results import RunReport


class Job(NamedTuple):
    """One run: of a protocol, or of a variant of it."""

    protocol: str
    variant: str
    scenario: str

    def __str__(self) -> str:
        target = f"{self.protocol}/{self.variant}" if self.variant else self.protocol
        return f"{target}:{self.scenario}"


@cache
def protocol(name: str) -> Protocol:
    """Load a protocol that is shipped."""
    return load_shipped(name)


def load_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line find the protocols that ship as they were loaded before; nothing changes them."""
    for module in ("loader.target", "cli.commands", "cli.check"):
        monkeypatch.setattr(f"tcpfsm.{module}.load_shipped", protocol)


@cache
def report(job: Job) -> RunReport:
    """Make a run, by the reference engine: what the other one finds is held against it."""
    found = protocol(job.protocol)
    return run(found, found.scenario(job.scenario), job.variant, Options(how=How("reference")))


def all_jobs(*, slow: bool) -> list[Job]:
    """List the suite, with or without what is marked slow."""
    return [
        Job(name, job.variant, job.scenario.name) for name in shipped() for job in jobs(protocol(name), slow=slow)
    ]


def reports(name: str) -> list[RunReport]:
    """Return the runs of the default suite of a protocol."""
    return [report(job) for job in all_jobs(slow=False) if job.protocol == name]
