"""Signatures and anchors: bit for bit datasketch's, compiled or plain."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import oracle
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import prose, texts

import dedup
from dedup.errors import BadInput, UnreadableInput
from dedup.model import Params
from dedup.stages import plain

REAL = Path(os.environ.get("DEDUP_REAL_ARTICLES", ""))


@given(st.lists(texts, max_size=4))
def test_sketch_equals_datasketch(found: list[str]) -> None:
    found = [text.encode("utf-8", "replace").decode() for text in found]
    signatures = dedup.sketch(found)
    assert (signatures.shape, signatures.dtype) == ((len(found), 128), np.uint32)
    for text, signature in zip(found, signatures, strict=True):
        np.testing.assert_array_equal(signature, oracle.signature(text))


@given(texts, st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_sketch_equals_datasketch_for_any_permutations(text: str, num_perm: int, seed: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    params = Params(num_perm=num_perm, seed=seed, bands=1, rows=1)
    np.testing.assert_array_equal(dedup.sketch([text], params)[0], oracle.signature(text, num_perm, seed))


@given(texts)
def test_a_plain_signature_is_the_compiled_one(text: str) -> None:
    one = plain.shingle(text, Params())
    np.testing.assert_array_equal(plain.sketch(one.hashes, Params()), dedup.sketch([text])[0])


def test_sketch_takes_arrow_strings_and_nothing() -> None:
    column = pa.chunked_array([["a b c"], [prose(1), None]])
    assert np.array_equal(dedup.sketch(column), dedup.sketch(["a b c", prose(1), ""]))
    assert dedup.sketch([]).shape == (0, 128)
    assert (dedup.sketch([""]) == 2**32 - 1).all()


def test_bytes_that_are_no_text_are_refused() -> None:
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, 1], np.int32)), pa.py_buffer(b"\xff"))
    with pytest.raises(BadInput, match="UTF8"):
        dedup.sketch(broken)
    with pytest.raises(UnreadableInput, match="UTF8"):
        dedup.Index.create(Path(tempfile.mkdtemp()) / "index").add(pa.table({"text": broken}))


def test_a_signature_leaves_for_datasketch_and_its_estimate_is_near_the_exact_figure() -> None:
    import datasketch

    a, b = prose(1, 20), prose(1, 20)[:-400] + prose(2, 8)
    left, right = (datasketch.LeanMinHash(seed=1, hashvalues=s, scheme="affine32") for s in dedup.sketch([a, b]))
    assert left.jaccard(right) == pytest.approx(dedup.compare(a, b).jaccard, abs=0.15)


@pytest.mark.skipif(not REAL.name, reason="DEDUP_REAL_ARTICLES names no folder of JSONL files with a field text")
@pytest.mark.campaign
def test_sketch_equals_datasketch_on_real_articles() -> None:
    found = []
    for path in sorted(REAL.glob("*.jsonl.gz")):
        with gzip.open(path) as lines:
            found += [json.loads(line)["text"] for line in lines]
    for text, signature in zip(found, dedup.sketch(found), strict=True):
        np.testing.assert_array_equal(signature, oracle.signature(text))
    print(f"{len(found)} articles equal")


@given(st.lists(texts, min_size=1, max_size=4), st.sampled_from([2, 8, 64]), st.integers(1, 20))
def test_anchors_are_small_narrative_hashes_and_some_at_least(found: list[str], scale: int, least: int) -> None:
    from dedup.stages.shingle import shingle
    from dedup.stages.sketch import anchors

    found = [text.encode("utf-8", "replace").decode() for text in found]
    params = Params(anchor_scale=scale, anchor_min=least)
    sets = shingle(pa.array(found, pa.large_string()), params)
    keys, places = anchors(sets.hashes, sets.ends, sets.marks, sets.mark_ends, params)
    for d, text in enumerate(found):
        narrative = [h for h, is_narrative in oracle.shingle_set(text).items() if is_narrative]
        wanted = [h for i, h in enumerate(narrative) if i < least or h < 2**32 // scale]
        assert keys[places == d].tolist() == wanted
        assert plain.anchors(plain.shingle(text, params), params).tolist() == wanted
