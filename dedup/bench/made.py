"""Articles made up in memory: the same for the same seed, on any machine.

Words have Zipf's frequencies, articles the lengths of agency copy, about 2.1 kB. A third of them are copies of another
one: whole, with some words changed, or cut after some paragraphs. One sentence in ten begins with a stock phrase.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.kernels.arrays import runs

_Tokens = npt.NDArray[np.int64]

BLOCK = 500
_WORDS, _PHRASES, _DATELINES = 20_000, 3_000, 60
_LEAST, _TYPICAL, _MOST = 46, 325, 1_250  # words of a text
_COPIED, _POWER, _LARGEST = 0.115, 2.2, 100  # stories that have copies; how many they have
_EDITED, _CUT, _CHANGED = 0.35, 0.3, 0.02  # of the copies; of an edited one's words
# A token is a word in one of these forms, form * _WORDS + word; datelines follow after them.
_PLAIN, _COMMA, _FIRST, _LAST, _END, _OPENS, _CLOSES, _CLOSES_END = range(8)
_FORMS = 8


class Script(StrEnum):
    """What the words are written in."""

    latin = "latin"
    devanagari = "devanagari"


_ONSETS = {
    Script.latin: [*"bdfghklmnprstvz", "st", "tr", "ch"],
    Script.devanagari: [*"कखगचजटडतदनपबभमयरलवशसह", "स्त", "प्र", "ड़"],
}
_VOWELS = {Script.latin: [*"aeiouao"], Script.devanagari: ["", "", "ा", "ि", "ी", "ु", "े", "ो"]}
_CODAS = {Script.latin: ["", "", "", "n", "r", "s"], Script.devanagari: ["", "", "", "", "ं", "न"]}
_AGENCIES = ("AP", "Reuters", "IANS")
_STOPS = {Script.latin: ".", Script.devanagari: "।"}


def blocks(count: int, script: Script = Script.latin, seed: int = 1) -> Iterator[pa.RecordBatch]:
    """count articles in batches of BLOCK at most: id, outlet, title, published (ISO 8601) and text, large strings."""
    for number, first in enumerate(range(0, count, BLOCK)):
        chance = _chance(seed, number)
        texts, headlines = _texts(script, chance), _headlines(script, chance)
        names = [f"{seed}-{first + i:08}" for i in range(BLOCK)]
        outlets = [f"outlet{i}.example" for i in (chance.zipf(1.4, BLOCK) % 300).tolist()]
        hours = [divmod(i * 24 // BLOCK * 60 + i % 60, 60) for i in range(BLOCK)]
        published = [f"2026-{5 + number // 28 % 8:02}-{number % 28 + 1:02}T{h:02}:{m:02}:00Z" for h, m in hours]
        columns = [pa.array(column, pa.large_string()) for column in (names, outlets, headlines, published)]
        batch = pa.record_batch([*columns, texts], ["id", "outlet", "title", "published", "text"])
        yield batch.slice(0, min(BLOCK, count - first))


def cut(text: str) -> str:
    """The first paragraphs of a text, a third of it or more; half of one that has no more than one."""
    end = text.find("\n", len(text) // 3)
    return text[: end if end >= 0 else len(text) // 2]


def edited(text: str, every: int = 25) -> str:
    """A text of which some words are another one's, one in every so many."""
    words = text.split(" ")
    words[every // 2 :: every] = words[::every][: len(words[every // 2 :: every])]
    return " ".join(words)


@dataclasses.dataclass(frozen=True, slots=True)
class _Vocabulary:
    """tokens: what each number is written as, with what follows it. phrases: (_PHRASES, 6) words."""

    words: list[str]
    tokens: pa.LargeStringArray
    phrases: _Tokens


def _texts(script: Script, chance: np.random.Generator) -> pa.LargeStringArray:
    sizes = _sizes(chance)
    stream, starts, ends = _stories(len(sizes), _vocabulary(script), chance)
    of = np.repeat(np.arange(len(sizes)), sizes)[:BLOCK]
    first = np.append(True, of[1:] != of[:-1])
    kind = np.where(first, 1.0, chance.random(BLOCK))
    paragraphs = np.flatnonzero((stream // _WORDS == _END) | (stream // _WORDS == _CLOSES_END)) + 1
    wanted = starts[of] + (ends - starts)[of] * chance.uniform(0.3, 0.8, BLOCK)
    shorter = paragraphs[np.searchsorted(paragraphs, wanted)]
    lengths = np.where(kind < _CUT, np.minimum(shorter, ends[of]), ends[of]) - starts[of]
    # The copies of a story stand anywhere after one another, as they come in.
    order = chance.permutation(BLOCK)
    lengths, kind = lengths[order], kind[order]
    at, _ = runs(starts[of][order], lengths)
    tokens = stream[at]
    changed = np.repeat((kind >= _CUT) & (kind < _CUT + _EDITED), lengths) & (chance.random(len(tokens)) < _CHANGED)
    places = np.flatnonzero(changed & (tokens < _FORMS * _WORDS))
    tokens[places] = tokens[places] // _WORDS * _WORDS + _drawn(len(places), chance)
    return _written(tokens, np.cumsum(lengths), _vocabulary(script))


def _sizes(chance: np.random.Generator) -> _Tokens:
    """Articles of each story, BLOCK or more of them in all."""
    more = np.arange(2, _LARGEST + 1)
    weights = more**-_POWER
    drawn = chance.choice(more, BLOCK, p=weights / weights.sum())
    sizes = np.where(chance.random(BLOCK) < _COPIED, drawn, 1)
    return sizes[: int(np.searchsorted(np.cumsum(sizes), BLOCK)) + 1]


def _stories(count: int, vocabulary: _Vocabulary, chance: np.random.Generator) -> tuple[_Tokens, _Tokens, _Tokens]:
    """Tokens of count texts, one after the other, and where each starts and ends."""
    lengths = np.clip(chance.lognormal(np.log(_TYPICAL), 0.6, count), _LEAST, _MOST).astype(np.int64)
    until = np.cumsum(lengths)
    sentences = np.cumsum(chance.integers(8, 30, int(until[-1]) // 8))
    last = np.searchsorted(sentences, until)
    # Lengths are at least those of the longest sentence: no two texts end with the same one.
    sentences = sentences[: last[-1] + 1]
    ends, begins = sentences, np.append(0, sentences[:-1])
    tokens = _drawn(int(ends[-1]), chance)
    stock = begins[(chance.random(len(begins)) < 0.1) & (ends - begins > 8)]
    phrases = vocabulary.phrases[_zipf(_PHRASES, len(stock), chance)]
    tokens[stock[:, None] + np.arange(1, 7)] = phrases
    tokens[chance.random(len(tokens)) < 0.06] += _COMMA * _WORDS
    quoted = chance.random(len(ends)) < 0.05
    closes = chance.random(len(ends)) < 0.45
    closes[last] = True
    tokens[begins] = tokens[begins] % _WORDS + np.where(quoted, _OPENS, _FIRST) * _WORDS
    tokens[ends - 1] = tokens[ends - 1] % _WORDS + (np.where(quoted, _CLOSES, _LAST) + closes) * _WORDS
    text_ends = ends[last]
    starts = np.append(0, text_ends[:-1])
    dated = starts[chance.random(count) < 0.4]
    tokens[dated] = _FORMS * _WORDS + chance.integers(0, _DATELINES, len(dated))
    return tokens, starts, text_ends


def _written(tokens: _Tokens, ends: _Tokens, vocabulary: _Vocabulary) -> pa.LargeStringArray:
    whole = vocabulary.tokens.take(pa.array(tokens))
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, np.int64)[np.append(0, ends)]
    return pc.utf8_rtrim_whitespace(pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(bounds), data))


def _headlines(script: Script, chance: np.random.Generator) -> list[str]:
    words = _vocabulary(script).words
    return [" ".join(words[i] for i in row).capitalize() for row in _drawn(8 * BLOCK, chance).reshape(-1, 8).tolist()]


@functools.cache
def _vocabulary(script: Script) -> _Vocabulary:
    chance = _chance(0, 0)
    parts = [_ONSETS[script], _VOWELS[script], _CODAS[script]]
    made: dict[str, None] = {}
    while len(made) < _WORDS:
        # Frequent words are short.
        syllables = 1 if len(made) < 60 else int(chance.integers(1, 3) if len(made) < 3_000 else chance.integers(2, 5))
        picked = chance.integers(0, [len(part) for part in parts], (syllables, 3))
        made["".join(part[i] for row in picked.tolist() for part, i in zip(parts, row, strict=True))] = None
    words, stop = list(made), _STOPS[script]
    last = (f"{{0}}{stop} ", f"{{0}}{stop}\n")
    shapes = ("{0} ", "{0}, ", "{1} ", *last, "“{1} ", *(shape[:-1] + "”" + shape[-1] for shape in last))
    tokens = [shape.format(word, word.capitalize()) for shape in shapes for word in words]
    places = enumerate(chance.choice(words[200:5_000], _DATELINES).tolist())
    tokens += [f"{place.capitalize()}, May 4 ({_AGENCIES[i % len(_AGENCIES)]}) – " for i, place in places]
    phrases = _drawn(6 * _PHRASES, chance).reshape(-1, 6)
    return _Vocabulary(words, pa.array(tokens, pa.large_string()), phrases)


def _drawn(count: int, chance: np.random.Generator) -> _Tokens:
    return _zipf(_WORDS, count, chance)


def _zipf(kinds: int, count: int, chance: np.random.Generator) -> _Tokens:
    return _frequent(kinds)[chance.integers(0, 1 << 18, count)]


@functools.cache
def _frequent(kinds: int) -> _Tokens:
    """Numbers below kinds, each as often as it is frequent."""
    weights = np.cumsum(1 / (np.arange(kinds) + 2.0))
    found = np.searchsorted(weights / weights[-1], (np.arange(1 << 18) + 0.5) / (1 << 18), "right")
    return np.minimum(found, kinds - 1).astype(np.int64)


def _chance(*seed: int) -> Any:
    return np.random.Generator(np.random.SFC64(seed))
