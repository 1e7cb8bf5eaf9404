"""Texts that were read in the wrong encoding come back, and no other text is touched."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.stages.clean.lines import buffers, find_lines
from dedup.stages.clean.mojibake import CONTROL, repair, repaired

WRITTEN = [
    "“It isn’t over,” she said — not yet…",
    "Die Übergabe fand am Samstag in Köln statt, sagte der Bürgermeister.",
    "Le café a été fermé à midi, où l’on a trouvé une bouteille.",
    "जयगढ़ में भारी बारिश हुई।",
    "Вода поднялась на два метра.",
    "市交通局说：“新线路开通了。”",
    "Cost: £40 or €50, at 30 °C 😂",
    "Only one ’ here",
]


def misread(text: str, codec: str = "cp1252") -> str:
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_a_text_that_was_misread_once_or_twice_comes_back(text: str, codec: str) -> None:
    assert misread(text, codec) != text
    assert repair(misread(text, codec)) == text
    assert repair(misread(misread(text, codec), codec)) == text


@pytest.mark.parametrize("lost", ["", "\ufffd"])
def test_a_closing_mark_whose_last_byte_was_lost_comes_back(lost: str) -> None:
    misread_ = misread("He said “no”, and “never”.").replace("\x9d", lost)
    assert repair(misread_) == "He said “no”, and “never”."


@pytest.mark.parametrize(
    "text",
    [
        *WRITTEN,
        "« Le café est fermé… », a-t-il déclaré à Besançon, où l’été s’achève.",
        "„MENÜ“ stand über der Tür, größer als früher.",
        "NAÇÃO E IRMÃO: “NÃO”",
        "Ã is a letter, and so is Â.",
    ],
)
def test_a_text_that_is_right_stays_as_it_is(text: str) -> None:
    assert repair(text) == text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x85")))
def test_what_was_repaired_needs_no_repair_and_ascii_none(text: str) -> None:
    ascii_ = text.encode("ascii", "replace").decode()
    assert repair(ascii_) == CONTROL.sub("", ascii_)
    assert repair(repair(repair(text))) == repair(repair(text))


@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from(WRITTEN), st.sampled_from(WRITTEN).map(misread))))
def test_a_column_is_repaired_text_by_text(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    column = pa.array(["é", *texts, "é"], pa.large_string()).slice(1, len(texts))
    lines = find_lines(*buffers(column))
    doubtful = lines.misread | lines.dirty
    assert not any(repair(text) != text for text, some in zip(texts, doubtful, strict=True) if not some)
    after = repaired(column, np.flatnonzero(doubtful))
    assert [after.get(row, text) for row, text in enumerate(texts)] == [repair(text) for text in texts]


def test_a_copy_that_was_misread_is_the_same_text() -> None:
    text = "\n".join(WRITTEN[:3]) + "\nThe inquiry will hear its last witnesses on Monday, the court said."
    assert dedup.compare(text, misread(text), kind="text").jaccard == 1
