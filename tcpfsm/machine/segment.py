"""Segments: control bits and fields, as values that hash quickly and have one order."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tcpfsm.i18n.language import tr

MAX_LENGTH = 2_000
_PART = re.compile(r"<([^\W\d]\w*)(?:=([^<>]*))?>")


class FieldLayout(NamedTuple):
    """A field of a protocol's segments: name, value when it is absent, and whether only properties may read it."""

    name: str
    absent: Any = None
    ghost: bool = False


class Layout(NamedTuple):
    """The fields that the segments of a protocol carry, in order, and its control bits."""

    fields: tuple[FieldLayout, ...]
    flags: tuple[str, ...]

    def index(self, name: str) -> int | None:  # type: ignore[override]  # a layout is asked for names alone
        """Return the position of a field, or None."""
        return next((i for i, field in enumerate(self.fields) if field.name == name), None)


class Segment:
    """A segment: its control bits in the protocol's order, and one value per field (None where absent).

    Equal by content; ordered by content, so that a channel has one canonical order. An absent field is none of the
    values that a field can have, and comes before all of them.
    """

    __slots__ = ("_hash", "_key", "_order", "ctl", "layout", "values")

    def __init__(self, ctl: tuple[str, ...], values: tuple[Any, ...], layout: Layout) -> None:
        self.ctl = ctl
        self.values = values
        self.layout = layout
        self._key = (values, ctl)
        self._hash = hash(self._key)
        # None has no order among numbers and words: of each field, first whether it is there, then its value.
        self._order = (tuple((value is not None, value) for value in values), ctl)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Segment) and self._key == other._key)

    def __lt__(self, other: Segment) -> bool:
        return self._order < other._order

    def __repr__(self) -> str:
        return self.text()

    def text(self) -> str:
        """Return the RFC's notation, ``<SEQ=100><CTL=SYN>``; ghost fields and absent ones are left out."""
        parts = []
        for field, value in zip(self.layout.fields, self.values, strict=True):
            if not field.ghost and value is not None and value != field.absent:
                parts.append(f"<{field.name}={value}>")
        if self.ctl:
            parts.append(f"<CTL={','.join(self.ctl)}>")
        return "".join(parts) or "<>"

    def as_data(self) -> dict[str, Any]:
        """Return the segment as JSON data: CTL as a list, and every visible field."""
        data: dict[str, Any] = {"CTL": list(self.ctl)}
        for field, value in zip(self.layout.fields, self.values, strict=True):
            if not field.ghost and value is not None and value != field.absent:
                data[field.name] = value
        return data


class NotationError(ValueError):
    """A text is not in the RFC's notation; ``offset`` says from where on."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def parts_of(text: str) -> list[tuple[str, str | None, int]]:
    """Split ``<SEQ=ISS><CTL=SYN,ACK>`` into (name, what stands after =, its offset).

    Raises:
        NotationError: where the text is no longer in that form.

    >>> parts_of("<SEQ=90><CTL=SYN>")
    [('SEQ', '90', 5), ('CTL', 'SYN', 13)]
    """
    found: list[tuple[str, str | None, int]] = []
    names = set()
    offset = 0
    if len(text) > MAX_LENGTH:
        raise NotationError(tr("the segment is longer than {most} characters", most=f"{MAX_LENGTH:,}"), 0)
    while offset < len(text):
        match = _PART.match(text, offset)
        if match is None:
            raise NotationError(tr("a segment is written <FIELD=value>...<CTL=BIT,BIT>"), offset)
        name = match.group(1)
        if name in names:
            raise NotationError(tr("'{word}' stands here twice", word=name), offset)
        names.add(name)
        found.append((name, match.group(2), match.start(2) if match.group(2) is not None else offset + 1))
        offset = match.end()
    if not found:
        raise NotationError(tr("a segment is written <FIELD=value>...<CTL=BIT,BIT>"), 0)
    return found
