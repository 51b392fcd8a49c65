import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.video import amf0
from local.video.amf0 import AmfError, AmfValue

VALUES: st.SearchStrategy[AmfValue] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=5))
def test_what_is_written_is_read_back(values: list[AmfValue]) -> None:
    assert amf0.decode(amf0.encode(values)) == values


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_read_but_never_breaks_the_reader(data: bytes) -> None:
    with contextlib.suppress(AmfError):
        amf0.decode(data)


@given(st.lists(VALUES, min_size=1, max_size=3), st.data())
def test_values_cut_short_are_refused_or_fewer(values: list[AmfValue], data: st.DataObject) -> None:
    raw = amf0.encode(values)
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    with contextlib.suppress(AmfError):
        assert len(amf0.decode(cut)) < len(values)


def test_ecma_array_of_metadata_is_read_as_an_object() -> None:
    raw = b"\x08\x00\x00\x00\x01\x00\x05width\x00@\x84\x00\x00\x00\x00\x00\x00\x00\x00\x09"
    assert amf0.decode(raw) == [{"width": 640.0}]


def test_date_and_undefined_are_read() -> None:
    raw = b"\x0b" + b"@\x84\x00\x00\x00\x00\x00\x00" + b"\x00\x00" + b"\x06"
    assert amf0.decode(raw) == [640.0, None]


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x0a\xff\xff\xff\xff",
        b"\x03\x00\x01a" * 200,
        b"\x0a\x00\x00\x00\x01" * 50,
        b"\x0c\xff\xff\xff\xffx",
        b"\x05" * 5000,
    ],
    ids=["array length", "deep objects", "deep arrays", "text length", "many values"],
)
def test_bombs_are_refused(bomb: bytes) -> None:
    with pytest.raises(AmfError):
        amf0.decode(bomb)


def test_long_text_is_written_as_long_string() -> None:
    text = "x" * 70_000
    assert amf0.decode(amf0.encode([text])) == [text]
