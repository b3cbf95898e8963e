"""Segments are values: equal by content, in one order, written in the RFC's notation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpfsm.machine.segment import MAX_LENGTH, FieldLayout, Layout, NotationError, Segment, parts_of

LAYOUT = Layout(
    (FieldLayout("SEQ"), FieldLayout("ACK"), FieldLayout("DATA", 0), FieldLayout("INC", ghost=True)),
    ("SYN", "FIN", "RST", "ACK"),
)
#: A count may be negative, a field may be a word, and each may be absent.
MIXED = Layout(
    (FieldLayout("N"), FieldLayout("DATA", 0), FieldLayout("MOOD"), FieldLayout("INC", ghost=True)),
    LAYOUT.flags,
)
NUMBERS = st.none() | st.integers(-2, 2)
VALUES = st.tuples(NUMBERS, NUMBERS, st.none() | st.sampled_from(["calm", "cross"]), NUMBERS)
SEGMENTS = st.builds(
    lambda ctl, values: Segment(tuple(flag for flag in LAYOUT.flags if flag in ctl), values, MIXED),
    st.sets(st.sampled_from(LAYOUT.flags)),
    VALUES,
)


@pytest.mark.parametrize(
    ("ctl", "values", "text", "data"),
    [
        (("SYN",), (100, None, 0, 1), "<SEQ=100><CTL=SYN>", {"CTL": ["SYN"], "SEQ": 100}),
        (
            ("SYN", "ACK"),
            (0, 0, 0, 1),
            "<SEQ=0><ACK=0><CTL=SYN,ACK>",
            {"CTL": ["SYN", "ACK"], "SEQ": 0, "ACK": 0},
        ),
        (
            ("ACK",),
            (1, 2, 3, 0),
            "<SEQ=1><ACK=2><DATA=3><CTL=ACK>",
            {"CTL": ["ACK"], "SEQ": 1, "ACK": 2, "DATA": 3},
        ),
        ((), (None, None, 0, 7), "<>", {"CTL": []}),
    ],
)
def test_a_segment_is_written_as_the_rfc_prints_it(
    ctl: tuple[str, ...], values: tuple[int | None, ...], text: str, data: dict[str, object]
) -> None:
    """Fields that are absent or that only properties may read are left out."""
    segment = Segment(ctl, values, LAYOUT)

    assert (segment.text(), repr(segment), segment.as_data()) == (text, text, data)


@given(SEGMENTS, SEGMENTS)
def test_segments_are_equal_by_content_and_have_one_order(one: Segment, other: Segment) -> None:
    """Exactly one of less, equal and greater holds, and equal segments have equal hashes."""
    same = (one.ctl, one.values) == (other.ctl, other.values)

    assert (one == other, one < other or other < one) == (same, not same)
    assert not same or hash(one) == hash(other)


def test_an_absent_field_is_no_number() -> None:
    """Not even -1, which a count can be: not in equality, hashing, order or text."""
    layout = Layout((FieldLayout("N"),), ())
    absent, negative = Segment((), (None,), layout), Segment((), (-1,), layout)

    assert absent != negative
    assert len({absent, negative}) == 2
    assert (absent < negative, negative < absent) == (True, False)
    assert (absent.text(), negative.text()) == ("<>", "<N=-1>")


@given(
    st.lists(SEGMENTS, max_size=5).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found)))
)
def test_the_order_of_segments_does_not_depend_on_where_they_came_from(
    both: tuple[list[Segment], list[Segment]],
) -> None:
    """A channel has one canonical content."""
    one, other = both

    assert sorted(one) == sorted(other)


def test_a_segment_is_nothing_else() -> None:
    """A segment does not equal what merely looks like it."""
    assert Segment((), (), Layout((), ())) != "<>"


def test_a_field_is_found_by_its_name() -> None:
    """A field that a layout does not have has no position."""
    assert [LAYOUT.index(name) for name in ("SEQ", "INC", "CTL")] == [0, 3, None]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<SEQ=90><CTL=SYN>", [("SEQ", "90", 5), ("CTL", "SYN", 13)]),
        ("<CTL=SYN,ACK>", [("CTL", "SYN,ACK", 5)]),
        ("<SEQ=SND.NXT - 1>", [("SEQ", "SND.NXT - 1", 5)]),
        ("<CTL>", [("CTL", None, 1)]),
        ("<CTL=>", [("CTL", "", 5)]),
    ],
)
def test_the_notation_is_split_with_the_place_of_every_value(
    text: str, parts: list[tuple[str, str | None, int]]
) -> None:
    """The offset of a value says where its mistakes stand."""
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "a segment is written <FIELD=value>...<CTL=BIT,BIT>", 0),
        ("SEQ=90", "a segment is written <FIELD=value>...<CTL=BIT,BIT>", 0),
        ("<SEQ=90", "a segment is written <FIELD=value>...<CTL=BIT,BIT>", 0),
        ("<SEQ=90> <CTL=SYN>", "a segment is written <FIELD=value>...<CTL=BIT,BIT>", 8),
        ("<SEQ=90><>", "a segment is written <FIELD=value>...<CTL=BIT,BIT>", 8),
        ("<SEQ=90><9=1>", "a segment is written <FIELD=value>...<CTL=BIT,BIT>", 8),
        ("<SEQ=a<b>", "a segment is written <FIELD=value>...<CTL=BIT,BIT>", 0),
        ("<SEQ=90><SEQ=91>", "'SEQ' stands here twice", 8),
        ("<A=1>" * 1_000, "the segment is longer than 2,000 characters", 0),
    ],
)
def test_what_is_not_the_notation_is_refused_where_it_ends(text: str, message: str, offset: int) -> None:
    """The place is where the text is no longer a segment."""
    with pytest.raises(NotationError) as caught:
        parts_of(text)

    assert (str(caught.value), caught.value.offset) == (message, offset)


@given(st.text("<>=,ASEQCTL 019", max_size=40))
def test_any_text_is_a_segment_or_is_refused(text: str) -> None:
    """What is accepted can be put together again."""
    mistake: NotationError | None = None
    try:
        parts = parts_of(text)
    except NotationError as error:
        mistake = error
    if mistake is not None:
        assert 0 <= mistake.offset <= len(text) <= MAX_LENGTH
        return
    again = "".join(f"<{name}>" if value is None else f"<{name}={value}>" for name, value, _ in parts)

    assert again == text
