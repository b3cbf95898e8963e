"""The commands besides ``check``; each takes what the command line says, and answers on standard output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tcpfsm.cli.copying import copy
from tcpfsm.drawing.diagram import diagram
from tcpfsm.errors import UsageError, did_you_mean
from tcpfsm.figures.figure import draw_figure, load, names, not_found, search
from tcpfsm.figures.found import Found, NotFound
from tcpfsm.figures.next import instead
from tcpfsm.i18n.language import said, tr
from tcpfsm.loader.target import Target, load_shipped, resolve, shipped
from tcpfsm.report.show import listing, listing_text, parts, show
from tcpfsm.run.memory import limits_of
from tcpfsm.terminal.exit_codes import INCONCLUSIVE, INTERRUPTED, OK, VIOLATED
from tcpfsm.terminal.output import emit

if TYPE_CHECKING:
    import argparse


def list_(arguments: argparse.Namespace) -> int:
    """Say what there is; return the exit code."""
    if arguments.target is None:
        protocols = [load_shipped(name) for name in shipped()]
    else:
        protocols = [resolve(arguments.target).protocol]
    if arguments.format == "json":
        emit(json.dumps({"format": "tcpfsm.list/1", "protocols": listing(protocols)}, indent=1, ensure_ascii=False), None)
    else:
        emit(listing_text(protocols), None)
    return OK


def show_(arguments: argparse.Namespace) -> int:
    """Show a machine, a variant or a part; return the exit code."""
    name, part = arguments.target, arguments.part
    head, path = name.partition("/")[0], Path(name)
    is_path = "/" in name or path.suffix == ".yaml" or path.exists() or (path.parent / "machine.yaml").exists()
    if part or head in shipped() or is_path:
        emit(show(resolve(name), part), None)
        return OK
    # A part by its bare name: a property, a scenario, a variant, a state of a protocol that is shipped.
    protocols = [load_shipped(protocol) for protocol in shipped()]
    for protocol in protocols:
        if name in parts(protocol):
            emit(show(Target(protocol), name), None)
            return OK
    choices = [*shipped(), *(word for protocol in protocols for word in parts(protocol))]
    raise UsageError(tr("nothing is called '{name}'; {hint}", name=name, hint=did_you_mean(name, choices)))


def copy_(arguments: argparse.Namespace) -> int:
    """Copy a target into a folder; return the exit code."""
    written = copy(resolve(arguments.target), Path(arguments.folder))
    emit("\n".join(str(path) for path in written), None)
    return OK


def figure_(arguments: argparse.Namespace) -> int:
    """Find a figure in the machine and draw it; return the exit code."""
    if arguments.name is None:
        protocols = [load_shipped(name) for name in shipped()]
        lines = [f"{protocol.name}/{name}  {said(load(protocol, name).title)}" for protocol in protocols for name in names(protocol)]
        emit("\n".join(lines), None)
        return OK
    where, _, name = arguments.name.rpartition("/")
    target = resolve(where or "tcp")
    figure = load(target.protocol, name)
    looked = search(target.protocol, figure, target.variant, limits_of(arguments))
    result = looked.result
    if isinstance(result, Found):
        source = f" ({figure.source})" if figure.source else ""
        emit(f"{said(figure.title)}{source}\n\n{draw_figure(figure, looked.built, result)}", None)
    else:
        table = instead(looked.built, result) if isinstance(result, NotFound) and looked.stopped_because is None else []
        emit("\n".join([not_found(figure, looked), *table]), None)
    if looked.stopped_because == "interrupted":
        return INTERRUPTED
    return {"holds": OK, "violated": VIOLATED, "inconclusive": INCONCLUSIVE}[looked.verdict]


def diagram_(arguments: argparse.Namespace) -> int:
    """Write the state diagram; return the exit code."""
    target = resolve(arguments.target)
    machine = target.protocol.machine(target.variant)
    text = diagram(machine, arguments.format, everything=arguments.all, meanings=arguments.meanings)
    emit(text, arguments.output)
    return OK
