"""The lines and cells of a file of transactions: whole, in order, and cut alike however they are read."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadtime.rules import batch_lines


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(alphabet='ab \t\r"\x01\N{LATIN SMALL LETTER E WITH ACUTE}\ufeff\u2028', max_size=4),
            min_size=2,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_plain_lines_are_cut_as_strange_ones_are(rows, end):
    text = end.join(",".join(row) for row in rows).encode()
    quick = batch_lines.cells(text, ["a", "b", "c"], 2)
    careful = batch_lines._looked_at(text.split(b"\n"), ["a", "b", "c"], 2)
    assert quick[0].rows() == careful[0].rows()
    assert sorted(quick[1]) == sorted(careful[1])


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"", b"a", b"bb", b"\xff", b"x" * 30]), max_size=12), st.integers(1, 4), st.booleans())
def test_lines_come_in_blocks_whole_and_in_order(lines, n, has_end):
    text = b"\n".join(lines) + (b"\n" if has_end and lines else b"")
    found: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_lines, "_READ_BYTES", 7)
        patch.setattr(batch_lines, "MOST_LINE", 20)
        reader = batch_lines.Lines(io.BytesIO(text), n)
        while (block := reader.block()) is not None:
            assert block.count(b"\n") < n
            found += block.split(b"\n")
    expected = text.split(b"\n")
    expected = expected[:-1] if expected[-1] == b"" else expected
    assert len(found) == len(expected)
    for line, given_line in zip(found, expected, strict=True):
        assert line == given_line or (len(given_line) > 20 and len(line) > 20 and given_line.startswith(line))
