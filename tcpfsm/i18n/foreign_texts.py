"""What users are told in words that are not ours: argparse's, PyYAML's, the system's and the checker's, marked to be translated.

A text of theirs that is not here, because a newer version says something new, is shown as it is.
"""

from __future__ import annotations

import re

from tcpfsm.i18n.language import mark, tr

ARGPARSE = (
    mark("usage: "),
    mark("positional arguments"),
    mark("options"),
    mark("show this help message and exit"),
    mark("the following arguments are required: %s"),
    mark("expected one argument"),
    mark("ignored explicit argument %r"),
    mark("invalid %(type)s value: %(value)r"),
    mark("not allowed with argument %s"),
)

#: PyYAML puts what it found into its sentences.
YAML = (
    mark("mapping values are not allowed here"),
    mark("mapping keys are not allowed here"),
    mark("sequence entries are not allowed here"),
    mark("could not find expected ':'"),
    mark("found unexpected end of stream"),
    mark("found unexpected document separator"),
    mark("found unexpected ':'"),
    mark("found character {token} that cannot start any token"),
    mark("expected ',' or ']', but got {token}"),
    mark("expected ',' or '}', but got {token}"),
    mark("expected <block end>, but found {token}"),
    mark("expected '<document start>', but found {token}"),
    mark("expected the node content, but found {token}"),
)

SYSTEM = (
    mark("No such file or directory"),
    mark("Permission denied"),
    mark("Is a directory"),
    mark("Not a directory"),
    mark("File exists"),
    mark("File name too long"),
    mark("Too many levels of symbolic links"),
    mark("Read-only file system"),
    mark("No space left on device"),
    mark("embedded null byte"),
)

CHECKER = (
    mark("state limit"),
    mark("time limit"),
    mark("memory limit"),
    mark("stop condition"),
    mark("interrupted"),
    mark("no witness"),
    mark("no violation"),
    mark("no certain violation"),
    mark("nothing"),
    mark("this platform does not tell how much memory is resident, so it cannot be limited"),
)


def yaml_reason(reason: str) -> str:
    """Return what PyYAML says is wrong, in the language of the process.

    >>> yaml_reason("expected <block end>, but found '-'")
    "expected <block end>, but found '-'"
    """
    for text in YAML:
        found = re.fullmatch(re.escape(text).replace(r"\{token\}", "(?P<token>.*)"), reason)
        if found:
            return tr(text, **found.groupdict())
    return reason
