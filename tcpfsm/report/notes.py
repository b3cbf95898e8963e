"""The notes of a text report: what holds for want of an occasion, and what made no difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tcpfsm.i18n.language import tr, trn
from tcpfsm.i18n.wrapping import wrap
from tcpfsm.run.notes import Note
from tcpfsm.run.results import PropertyReport, RunReport

#: More rules, and more vacuous properties of one run, than this are not named unless all is told.
MOST_RULES = 8
MOST_NAMES = 3


def notes(runs: Sequence[RunReport], unused: Sequence[Note] = (), *, whole: bool, verbose: bool = False) -> list[str]:
    """Return the notes on the runs of one target, with their heading; nothing where there is nothing to note.

    ``unused`` are the notes on the spec itself. ``whole`` says that nothing of the target was left out, so that a rule
    that never fired is worth a note. The notes on the scenarios of a variant are told by ``verbose``: they were written
    for the machine itself.
    """
    lines = vacuous(runs)
    lines += [f"{run.scenario}: {note.says()}" for run in runs if verbose or not run.variant for note in run.notes]
    lines += [note.says() for note in unused]
    if whole and not any(run.variant or not run.complete for run in runs):
        lines += _never_fired(runs, verbose=verbose)
    if not lines:
        return []
    return [tr("Notes:"), *(text for line in lines for text in wrap(line, 110, "  ", "    "))]


def vacuous(runs: Sequence[RunReport]) -> list[str]:
    """Say which properties hold for want of an occasion: everywhere, or in a scenario that asks for them by name."""
    asked: dict[str, list[tuple[RunReport, bool]]] = {}
    for run in runs:
        for report in run.properties:
            asked.setdefault(report.name, []).append((run, report.vacuous))
    everywhere = [name for name, answers in asked.items() if all(is_vacuous for _, is_vacuous in answers)]
    lines = []
    if len(runs) > 1 and everywhere:
        names = ", ".join(everywhere)
        lines.append(tr("in no scenario does anything happen that these are about, so they hold vacuously: {names}", names=names))
    for run in runs:
        found = [report for report in run.properties if report.vacuous and (len(runs) == 1 or report.name not in everywhere)]
        named = [report.name for report in found if report.by_name or (len(runs) == 1 and len(found) <= MOST_NAMES)]
        if named:
            text = tr("nothing ever happens that these are about, so they hold vacuously: {names}", names=", ".join(named))
            lines.append(f"{run.scenario}: {text}")
        if len(runs) == 1 and len(found) > len(named):
            count = len(found) - len(named)
            text = trn(
                "{n} property holds vacuously: nothing it is about happens (-v names it)",
                "{n} properties hold vacuously: nothing they are about happens (-v names them)",
                count,
            )
            lines.append(f"{run.scenario}: {text}")
    return lines


def basis(report: PropertyReport) -> str:
    """Return what was established of a property, and whether there was anything that it is about."""
    return tr("{basis}; nothing it is about ever happens", basis=report.established) if report.vacuous else report.established


def never_fired(run: RunReport) -> list[str]:
    """Return the lines that name the rules that never fired in a run, but for those of states that were never reached."""
    dead = len(run.dead_rules)
    text = tr("rules never fired: {count} of {all}", count=dead, all=dead + len(run.fired_rules))
    named = rules(rule for rule in run.dead_rules if rule.partition(" / ")[0] not in run.unreached_states)
    if named:
        text = tr("{words}; of states that were reached: {names}", words=text, names=named)
    return wrap(text, 110, "  ", "    ")


def _never_fired(runs: Sequence[RunReport], *, verbose: bool) -> list[str]:
    places = {rule: place for run in runs for rule, place in run.rule_places.items()}
    fired = {places.get(rule) for run in runs for rule in run.fired_rules}
    never = [rule for rule, place in sorted(places.items()) if place not in fired]
    return [tr("rules that never fired: {names}", names=rules(never, most=None if verbose else MOST_RULES))] if never else []


def rules(names: Iterable[str], most: int | None = None) -> str:
    """Return the names of rules as a text, with no more than so many of them."""
    found = list(names)
    text = "; ".join(found[:most])
    if most is not None and len(found) > most:
        return tr("{words} and {count} more", words=text, count=len(found) - most)
    return text
