"""The language of everything that is said: English as written in the code, or another from a gettext catalogue.

A message is its own key: ``tr("'{word}' is not known", word=word)``. Placeholders are named, so that a translation
can order them as its grammar wants. The language is one for the process, chosen before anything is said, and a
message is looked up when it is made, never when a module is imported.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The languages that can be chosen; the first is that of the code, which needs no catalogue.
LANGUAGES = ("en", "zh")
DOMAIN = "tcpfsm"
FOLDER = Path(__file__).parent / "locale"

#: A blank between two characters that are written without, or beside a mark of full width: a line that a YAML file folds
#: ends there.
_FOLDED = re.compile(
    "(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])|(?<=[，。；：、！？（）]) (?=\\S)|(?<=\\S) (?=[，。；：、！？（）])"
)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class _Chosen:
    """What is chosen for the process."""

    language = LANGUAGES[0]
    catalogue = gettext.NullTranslations()


def use(language: str) -> None:
    """Choose the language of the process.

    Raises:
        ValueError: there is no such language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"there is no language {language!r}")
    is_source = language == LANGUAGES[0]
    _Chosen.catalogue = gettext.NullTranslations() if is_source else gettext.translation(DOMAIN, FOLDER, [language])
    _Chosen.language = language


def chosen() -> str:
    """Return the language of the process."""
    return _Chosen.language


def spoken(command: str) -> str:
    """Return a command line that answers in the language of the process.

    >>> spoken("tcpfsm check")
    'tcpfsm check'
    """
    return command if _Chosen.language == LANGUAGES[0] else f"{command} --lang {_Chosen.language}"


def tr(text: str, /, **values: Any) -> str:
    """Return a text in the language of the process, its placeholders ``{name}`` filled in.

    Braces around anything else, as in a piece of YAML, stand for themselves.

    >>> tr("'{word}' is not a state; write {to: STATE}", word="CLOSD")
    "'CLOSD' is not a state; write {to: STATE}"
    """
    return _filled(_Chosen.catalogue.gettext(text) if text else text, values)


def trn(singular: str, plural: str, n: int, /, **values: Any) -> str:
    """Return the text for the number ``n``, which also fills the placeholder ``{n}``.

    >>> trn("{n} step", "{n} steps", 1), trn("{n} step", "{n} steps", 2)
    ('1 step', '2 steps')
    """
    return _filled(_Chosen.catalogue.ngettext(singular, plural, n), {"n": n, **values})


def mark(text: str) -> str:
    """Return a text as it is: it is translated where it is shown, and marked here to be in the catalogue."""
    return text


def said(texts: Mapping[str, str]) -> str:
    """Return what a spec file says, by language: in the language of the process, or in English where that is missing.

    >>> said({"en": "an open connection", "zh": ""})
    'an open connection'
    >>> said({"en": "连接， 已打开"})
    '连接，已打开'
    """
    text = texts.get(_Chosen.language) or texts.get(LANGUAGES[0], "")
    return _FOLDED.sub("", text)


def _filled(text: str, values: Mapping[str, Any]) -> str:
    return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), text)
