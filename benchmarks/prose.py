"""Invented prose by the million words: numbers until the very end, then one gather of bytes.

A text is a run of tokens, uint32. A token is a word in one of eight forms (plain, before a comma, first of
its sentence ...), `form * WORDS + word`, or one of EXTRA. Words have Zipf's frequencies, as those of English news
have: the sum of their squares is 0.007, the most frequent is one in 20. One sentence in ten holds a stock phrase,
of which the most frequent stands in 2 % of the articles of 350 words, the 400th in 0.07 %: measured on 4,000 articles.
The same tokens may be written in Latin letters or in Devanagari.
"""

from __future__ import annotations

import functools
import itertools
import zlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Tokens = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

WORDS = 30_000
NUMBERS = 300
PLAIN, COMMA, FIRST, LAST, END, OPENS, CLOSES, CLOSES_END = range(8)
_SHAPES = ("{0} ", "{0}, ", "{1} ", "{0}. ", "{0}.\n", "“{1} ", "{0}.” ", "{0}.”\n")
LATIN, DEVANAGARI = SCRIPTS = ("latin", "devanagari")
_AGENCIES = {
    LATIN: ("AP", "Reuters", "AFP", "IANS", "PTI", "ANI", "Xinhua"),
    DEVANAGARI: ("एपी", "रॉयटर", "एएफपी", "आईएएनएस", "पीटीआई", "एएनआई", "शिन्हुआ"),
}
_MAY = {LATIN: "{0}, May 4 ({1}) – ", DEVANAGARI: "{0}, 4 मई ({1}) – "}
# Beginnings, vowels and ends of syllables, and ends of the shortest words; as many of each in every script, so that
# chance draws the same words.
_SYLLABLES = {
    LATIN: (
        ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "ch", "y", "z"],
        ["a", "e", "i", "o", "u", "a", "o"],
        ["", "", "", "n", "r", "s", "l"],
        ["", "n", "t"],
    ),
    DEVANAGARI: (
        ["क", "ग", "च", "ज", "ट", "ड", "त", "द", "न", "प", "ब", "म", "र", "ल", "स", "व", "प्र", "स्त", "ह", "भ"],
        ["", "ा", "ि", "ी", "े", "ो", "ु"],
        ["", "", "", "ं", "न", "र", "ल"],
        ["", "ं", "र"],
    ),
}
DATELINES = 210
EXTRA = len(_SHAPES) * WORDS  # the first of the datelines
_COMMAS, _STOCK, _PARAGRAPH = 0.06, 0.1, 0.45
_PHRASES = 5_000


class Texts(NamedTuple):
    """Texts of tokens. ends: int64, n: where each ends; it starts where the one before ends."""

    tokens: Tokens
    ends: Places

    @property
    def starts(self) -> Places:
        return np.append(0, self.ends[:-1])

    def take(self, places: Places) -> Texts:
        starts = self.starts[places]
        lengths = self.ends[places] - starts
        return Texts(self.tokens[runs(starts, lengths)], np.cumsum(lengths))

    def followed_by(self, more: Texts) -> Texts:
        return Texts(np.append(self.tokens, more.tokens), np.append(self.ends, more.ends + len(self.tokens)))


def random(use: str, *seed: int) -> np.random.Generator:
    """The chance of one use and seed: independent of that of any other."""
    return np.random.Generator(np.random.SFC64([zlib.crc32(use.encode()), len(seed), *seed]))


def words(count: int, chance: np.random.Generator) -> Tokens:
    """count words, the low ones the most frequent."""
    return _by_zipf().take(chance.integers(0, 1 << 20, count, np.uint32))


def texts(
    lengths: Places, chance: np.random.Generator, sentence: tuple[int, int] = (6, 32), quoted: float = 0.15
) -> Texts:
    """Texts of about so many words each.

    lengths: above the longest sentence. sentence: words of the shortest and of the longest. quoted: which part
    of the sentences is.
    """
    until = np.cumsum(lengths)
    least, most = sentence
    count = int(until[-1] * 2 / (least + most) * 1.1) + 2 * most
    ends = np.cumsum(chance.integers(least, most + 1, count))
    last = np.searchsorted(ends, until)
    ends = ends[: last[-1] + 1]
    starts = ends - np.diff(ends, prepend=0)
    tokens = words(int(ends[-1]), chance)
    _add_phrases(tokens, starts, ends, chance)
    tokens[np.flatnonzero(chance.random(len(tokens), np.float32) < _COMMAS)] += np.uint32(COMMA * WORDS)
    quotes = chance.random(len(ends), np.float32) < quoted
    closes = chance.random(len(ends), np.float32) < _PARAGRAPH
    closes[last] = True
    tokens[starts] = _shaped(tokens[starts], np.where(quotes, OPENS, FIRST))
    tokens[ends - 1] = _shaped(tokens[ends - 1], np.where(quotes, CLOSES, LAST) + closes)
    return Texts(tokens, ends[last])


def edit(tokens: Tokens, places: Places, chance: np.random.Generator) -> None:
    """Put other words at some places of tokens, in place; what is no word stays."""
    places = places[tokens[places] < EXTRA]
    tokens[places] = tokens[places] // WORDS * WORDS + words(len(places), chance)


def titles(count: int, chance: np.random.Generator, script: str = LATIN) -> pa.LargeStringArray:
    """count headlines of 5 to 11 words."""
    ends = np.cumsum(chance.integers(5, 12, count))
    tokens = words(int(ends[-1]), chance)
    starts = np.append(0, ends[:-1])
    tokens[starts] = _shaped(tokens[starts], FIRST)
    return write(Texts(tokens, ends), script)


def one_paragraph(tokens: Tokens) -> Tokens:
    """tokens, none of them quoted, as one paragraph."""
    joined = np.where(tokens // WORDS == END, _shaped(tokens, LAST), tokens)
    joined[-1:] = _shaped(tokens[-1:], END)
    return joined


def is_paragraph_end(tokens: Tokens) -> npt.NDArray[np.bool_]:
    form = tokens // WORDS
    return np.asarray((form == END) | (form == CLOSES_END))


def is_sentence_end(tokens: Tokens) -> npt.NDArray[np.bool_]:
    form = tokens // WORDS
    return np.asarray(is_paragraph_end(tokens) | (form == LAST) | (form == CLOSES))


def runs(starts: Places, lengths: Places) -> Places:
    """The numbers starts[i], starts[i] + 1 ... of each run, one run after the other."""
    some = np.flatnonzero(lengths)
    starts, lengths = starts[some], lengths[some]
    steps = np.ones(int(lengths.sum()), np.int64)
    if len(some):
        steps[0] = starts[0]
        steps[np.cumsum(lengths)[:-1]] = starts[1:] - starts[:-1] - lengths[:-1] + 1
    return np.cumsum(steps)


def write(found: Texts, script: str = LATIN) -> pa.LargeStringArray:
    """The texts, none of them empty, each without its last character: a space or a line break."""
    tokens, ends = found
    whole = _tokens(script).take(pa.array(tokens))
    _, offsets, data = whole.buffers()
    at = np.frombuffer(offsets, np.int64)[np.append(0, ends)]
    # Every text but its last character: the string of the odd number between two bounds is that character.
    bounds = np.empty(2 * len(ends) + 1, np.int64)
    bounds[0::2], bounds[1::2] = at, at[1:] - 1
    cut = pa.LargeStringArray.from_buffers(2 * len(ends), pa.py_buffer(bounds), data)
    return cut.take(pa.array(np.arange(0, 2 * len(ends), 2)))


def joined(*parts: Any) -> pa.LargeStringArray:
    """Strings, and columns of anything that has a text, joined row by row."""
    large = pa.large_string()
    columns = [pa.scalar(part, large) if isinstance(part, str) else part.cast(large) for part in parts]
    return pc.binary_join_element_wise(*columns, pa.scalar("", large))


def _shaped(plain: Tokens, form: Any) -> Tokens:
    return (plain % WORDS + np.asarray(form, np.uint32) * np.uint32(WORDS)).astype(np.uint32)


def _add_phrases(tokens: Tokens, starts: Places, ends: Places, chance: np.random.Generator) -> None:
    phrases = _phrases()
    some = np.flatnonzero((chance.random(len(starts), np.float32) < _STOCK) & (ends - starts > 11))
    which = np.searchsorted(_cumulated(_PHRASES, 10), chance.random(len(some)), "right")
    chosen = phrases.take(which)
    tokens[runs(starts[some] + 1, np.diff(chosen.ends, prepend=0))] = chosen.tokens


@functools.cache
def _phrases() -> Texts:
    chance = random("phrases")
    ends = np.cumsum(chance.integers(5, 10, _PHRASES))
    return Texts(words(int(ends[-1]), chance), ends)


def _cumulated(count: int, shift: float) -> npt.NDArray[np.float64]:
    weights = 1 / (np.arange(1, count + 1) + shift)
    total: npt.NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    return np.minimum(total, np.nextafter(1, 0))


@functools.cache
def _by_zipf() -> Tokens:
    """2^20 words, each as often as it is frequent: a draw is one look."""
    drawn = np.searchsorted(_cumulated(WORDS, 1), (np.arange(1 << 20) + 0.5) / (1 << 20), "right")
    return np.minimum(drawn, WORDS - 1).astype(np.uint32)


@functools.cache
def _tokens(script: str) -> pa.LargeStringArray:
    spelt, agencies = _spelt(script), _AGENCIES[script]
    shapes = [shape if script == LATIN else shape.replace(".", "।") for shape in _SHAPES]
    shaped = [shape.format(word, word.capitalize()) for shape in shapes for word in spelt]
    chance = random("datelines")
    places = [spelt[i].capitalize() for i in chance.integers(200, 5_000, DATELINES // len(agencies))]
    datelines = [_MAY[script].format(place, agency) for place in places for agency in agencies]
    return pa.array(shaped + datelines, pa.large_string())


def number(places: Places) -> Tokens:
    """The words that are numbers, by their place among them (0 to NUMBERS - 1)."""
    return (300 + 60 * places).astype(np.uint32)


def _spelt(script: str) -> list[str]:
    """WORDS distinct words, short ones first, with numbers among them."""
    onsets, vowels, codas, ends = _SYLLABLES[script]
    short = ["".join(parts) for parts in itertools.product(onsets[:15], vowels[:5], ends)]
    chance = random("spelling")
    chance.shuffle(short)
    made = dict.fromkeys(short[:90])
    while len(made) < WORDS - NUMBERS:
        # Two syllables for the frequent words, up to four for the rare ones.
        parts = 2 if len(made) < 4_000 else int(chance.integers(2, 5))
        syllables = (onsets[a] + vowels[b] + codas[c] for a, b, c in chance.integers(0, [20, 7, 7], (parts, 3)))
        made["".join(syllables)] = None
    spelt = list(made)
    for i in range(NUMBERS):
        spelt.insert(int(number(np.array(i))), f"{i + 2}" if i < 100 else f"{37 * i:,}")
    return spelt
