"""Checkpoints of a run: what it says of itself, so that no other is taken up by mistake, and why one is refused."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tcpfsm import __version__
from tcpfsm.i18n.language import mark, tr

if TYPE_CHECKING:
    from checker.engines import How
    from checker.fast.folder import CheckpointError
    from tcpfsm.run.build import Built

#: What the engine says of a checkpoint that cannot be used.
TEXTS = (
    mark("there is no checkpoint in the folder"),
    mark("the folder has a checkpoint already; resume it, or name another folder"),
    mark("another process is using the folder; wait for its end, or name another folder"),
    mark("the folder is not empty, and what is in it is no checkpoint; name another folder"),
    mark("the checkpoint is damaged: its files do not have what was written into them"),
    mark("the checkpoint was written by another version"),
    mark("the checkpoint is of another run"),
    mark("the checkpoint cannot be written"),
)


def kept(how: How, built: Built, only: str | None) -> How:
    """Return how to explore, with what the checkpoint is of: the run, its bounds, the texts of its spec, our version."""
    if how.keep is None:
        return how
    scenario = built.scenario
    about = {
        "run": "/".join(name for name in (built.protocol.name, built.variant, scenario.name) if name),
        "bounds": " ".join(f"{name}={bound}" for name, bound in scenario.bounds().items()),
        "property": only or "",
        "spec": _digest(built),
        "tcpfsm": __version__,
    }
    return replace(how, keep=replace(how.keep, about=about))


def _digest(built: Built) -> str:
    """Return a digest of all that was read for a protocol; where its files lie does not matter."""
    texts = sorted((Path(file.path).name, file.text) for file in built.protocol.files)
    return sha256(repr(texts).encode()).hexdigest()


def refusal(error: CheckpointError) -> str:
    """Say why a checkpoint cannot be used."""
    return f"{tr(error.text)} ({error.detail})" if error.detail else tr(error.text)
