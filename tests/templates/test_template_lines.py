"""Lines of bodies, by kernels and by definition."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import xxhash
from hypothesis import given
from hypothesis import strategies as st
from texts import texts

from dedup.templates import lines
from dedup.templates.outlets import seed, seeds

_OUTLETS = ["a.example", "A", "b.example", None]
LINES = st.one_of(
    texts.map(lambda text: text.replace("\n", " ")), st.text(" \t\r\x00aA5\u0665é", max_size=8), st.just("12" * 3000)
)
BODIES = st.lists(LINES, max_size=6).map("\n".join)
ARTICLES = st.lists(st.tuples(st.sampled_from(_OUTLETS), BODIES), max_size=6)


def batch(articles: list[tuple[str | None, str]]) -> pa.RecordBatch:
    outlets, bodies = [one for one, _ in articles], [one for _, one in articles]
    return pa.record_batch([pa.array(outlets, pa.string()), pa.array(bodies, pa.large_string())], ["outlet", "body"])


def plain(line: str, of: int) -> int:
    """By definition: numbers count as one 0, white space and controls as one space, ASCII letters as lower case."""
    data = "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in line).encode()
    data = re.sub(b"[\x00-\x20]+", b" ", re.sub(b"[0-9]+", b"0", data))
    return xxhash.xxh64_intdigest(data, of)


@given(ARTICLES)
def test_the_lines_of_bodies_are_those_of_the_definition(articles: list[tuple[str | None, str]]) -> None:
    whole = batch([("x", "before\nit"), *articles])
    some = whole.slice(1)
    found = lines.lines(some.column("body"), seeds(some.column("outlet")))

    expected = [[line for line in body.split("\n") if line] for _, body in articles]
    told = [found.data[a:b].tobytes().decode() for a, b in zip(found.start, found.end, strict=True)]
    assert told == [line for body in expected for line in body]
    assert np.diff(found.first).tolist() == [len(body) for body in expected]
    assert found.of.tolist() == [at for at, body in enumerate(expected) for _ in body]
    seeded = [(seed(outlet), body) for (outlet, _), body in zip(articles, expected, strict=True)]
    assert found.hashes.tolist() == [plain(line, of) for of, body in seeded for line in body]


@given(ARTICLES, st.data())
def test_bodies_are_compared_without_lines_that_are_known(
    articles: list[tuple[str | None, str]], data: st.DataObject
) -> None:
    """In a batch as one by one, and whatever else stands in it."""
    there = [(outlet, line) for outlet, body in articles for line in body.split("\n") if line]
    named = data.draw(st.lists(st.sampled_from(there), max_size=4)) if there else []
    hashes = {plain(line, seed(outlet)) for outlet, line in named}
    known = lines.Known(np.array(sorted(hashes), np.uint64), seeds(pa.array([o for o, _ in named], pa.string())))

    def without(outlet: str | None, body: str) -> str:
        kept = [line for line in body.split("\n") if not line or plain(line, seed(outlet)) not in hashes]
        return body if len(kept) == body.count("\n") + 1 else "\n".join(line for line in kept if line)

    expected = [without(outlet, body) for outlet, body in articles]
    assert lines.compared(batch(articles), known).to_pylist() == expected
    assert [lines.left(body, outlet, known) for outlet, body in articles] == expected
    changed = [at for at, (_, body) in enumerate(articles) if body != expected[at]]
    assert set(changed) == set(lines.touched(batch(articles), known).tolist())


def test_what_only_one_of_two_knows() -> None:
    first, second = (lines.Known(np.array(some, np.uint64), np.array([9], np.uint64)) for some in ([3, 1], [3, 5]))

    assert first.unlike(second).hashes.tolist() == [1, 5]
    assert len(first.unlike(first)) == 0
    assert (3 in first, 5 in first, 3 in lines.NONE) == (True, False, False)
