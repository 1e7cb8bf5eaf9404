"""Articles made ready part by part are those that are made ready at once."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from texts import prose

from dedup.model import RAW, Params
from dedup.prepare import Prepared, identify, join, prepare


def ready(texts: list[str]) -> Prepared:
    records = [{"id": text[:9], "text": text, "outlet": "", "url": "", "title": ""} for text in texts]
    columns = [pa.array([one.get(field.name) for one in records], field.type) for field in RAW]
    batch = pa.record_batch(columns, schema=RAW)
    return prepare(batch, *identify(batch), Params())[1]


def arrays(one: Prepared) -> list[np.ndarray]:
    found = [getattr(one, field.name) for field in dataclasses.fields(one)]
    sets = [getattr(one.sets, field.name) for field in dataclasses.fields(one.sets)]
    return [*sets, *one.anchors, *(array for array in found if isinstance(array, np.ndarray))]


@pytest.mark.parametrize("ends", [[30], [1, 2, 30], [0, 15, 15, 29, 30], [9, 10, 30]])
def test_parts_that_are_joined_are_what_all_of_it_is(ends: list[int]) -> None:
    texts = [f"{prose(i, 1 + i % 5)} “{prose(90 + i, 1)}”" for i in range(30)]
    parts = [ready(texts[first:end]) for first, end in zip([0, *ends], ends, strict=False)]

    for mine, wanted in zip(arrays(join(parts)), arrays(ready(texts)), strict=True):
        assert mine.dtype == wanted.dtype
        assert np.array_equal(mine, wanted)
