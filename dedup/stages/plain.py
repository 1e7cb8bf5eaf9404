"""One text without compiled kernels: for a query, loading them would cost more than the work.

The same tokens, shingle sets, signatures and anchors as `dedup.stages.shingle` and `dedup.stages.sketch` give,
which the tests check on every text that hypothesis finds.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

from dedup.kernels import speech, unicode
from dedup.kernels.affine32 import permutations
from dedup.model import Params

U32 = npt.NDArray[np.uint32]

# A letter for what each character is to a token, in the order of unicode's classes.
_KINDS = np.frombuffer(b"SLMNFAB", np.uint8)
_SOLITARY = ord("H")
_TOKEN = re.compile(rb"HM*|[LMNB]+")
_VANISHING = re.compile(rb"(?<=[LHB])[AB](?=[LHB])")
_WHITE = " \t\n\v\f\r\x85\u2028\u2029"
_SPACE = frozenset(_WHITE)
_STOPS = frozenset("!?\u3002\u0964\u0965\u061f\u06d4" + unicode.PARAGRAPH_ENDS)
_DASHES = frozenset("-\u2013\u2014\u2015")
# Marks that the table of characters does not name.
_PLAIN_MARKS = np.array([ord(mark) for mark in ("'", "@", *sorted(_DASHES))], np.uint32)

# With white space on one side alone a mark opens or closes whatever its shape, which differs between languages.
_BY_SIDE = dict.fromkeys("\u201c\u201d", "\u201c\u201d") | dict.fromkeys("\u00ab\u00bb", "\u00ab\u00bb")
_CLOSES = {'"': '"\u201d', "\u201c": '\u201d"', "\u201e": '\u201c\u201d"', "\u00ab": "\u00bb", "\u300c": "\u300d"}


class ShingleSet(NamedTuple):
    """hashes: uint32, sorted and distinct; narrative: bool, which of them are. tokens: their number."""

    hashes: U32
    narrative: npt.NDArray[np.bool_]
    tokens: int


def tokens(text: str) -> tuple[list[str], list[bool]]:
    """The tokens of a text, and which of them stand between quotation marks."""
    points = np.frombuffer(unicode.fold(text).encode("utf-32-le", "replace"), np.uint32)
    entries = unicode.entries(points)
    visible = (entries & unicode.CLASS) != unicode.FORMAT
    points, entries = points[visible], entries[visible]
    kinds = _KINDS[(entries & unicode.CLASS) // unicode.LETTER]
    kinds[(entries & unicode.SOLITARY) != 0] = _SOLITARY
    keep = np.ones(len(points), np.bool_)
    keep[[m.start() for m in _VANISHING.finditer(kinds.tobytes())]] = False
    plain = points[keep].tobytes().decode("utf-32-le")
    spans = [m.span() for m in _TOKEN.finditer(kinds[keep].tobytes())]
    words = [plain[start:end].replace("I", "i") for start, end in spans]
    starts = np.flatnonzero(keep)[[start for start, _ in spans]].tolist()
    return words, _Quotes(points, entries, kinds, starts, words)()


def shingle(text: str, params: Params) -> ShingleSet:
    """The shingle set of a text."""
    words, quoted = tokens(text)
    width = params.shingle_words
    count = max(1, len(words) - width + 1) if words else 0
    keys = np.empty(count, np.uint64)
    for i in range(count):
        of = " ".join(words[i : i + width]).encode()
        low = xxhash.xxh64_intdigest(of, params.hash_seed) & 0xFFFFFFFF
        keys[i] = low << 1 | any(quoted[i : i + width])
    keys.sort()
    hashes = (keys >> np.uint64(1)).astype(np.uint32)
    first = np.ones(count, np.bool_)
    first[1:] = hashes[1:] != hashes[:-1]
    # Narrative sorts before quoted: a hash that is both counts as narrative.
    return ShingleSet(hashes[first], (keys[first] & np.uint64(1)) == 0, len(words))


def sketch(hashes: U32, params: Params) -> U32:
    """The signature of a set, (num_perm,) uint32."""
    a, b = permutations(params.num_perm, params.seed)
    h = hashes.copy()
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    signature = np.full(params.num_perm, 0xFFFFFFFF, np.uint32)
    for start in range(0, len(h), 4096):
        part = a[:, None] * h[None, start : start + 4096] + b[:, None]
        np.minimum(signature, part.min(axis=1), out=signature)
    return signature


def anchors(found: ShingleSet, params: Params) -> U32:
    """The anchors of a set, uint32, sorted."""
    narrative = found.hashes[found.narrative]
    below = int(np.searchsorted(narrative, (1 << 32) // params.anchor_scale))
    return narrative[: max(below, params.anchor_min)]


class _Quotes:
    """Finds the tokens of a text that are quoted; see "Tokens" in the README."""

    def __init__(
        self, points: U32, entries: U32, kinds: npt.NDArray[np.uint8], starts: list[int], words: list[str]
    ) -> None:
        """starts: the character where each of words begins."""
        self._text, self._starts, self._words = points.tobytes().decode("utf-32-le"), starts, words
        self._marks = np.flatnonzero(((entries & unicode.SPECIAL) != 0) | np.isin(points, _PLAIN_MARKS)).tolist()
        self._letter = np.isin(kinds, np.frombuffer(b"LHB", np.uint8)).tolist()
        self._token = np.isin(kinds, np.frombuffer(b"LHBMN", np.uint8)).tolist()
        self._quoted = [False] * len(words)
        self._speaks = [word in speech.FIRST_PERSON or self._is_i(i) for word, i in zip(words, starts, strict=True)]

    def __call__(self) -> list[bool]:
        bounds: list[tuple[int, int, int]] = []  # first token, the one after the last, flags of speech
        begin, inside = 0, []
        for i in [*self._marks, len(self._text)]:
            if i < len(self._text) and self._text[i] not in unicode.PARAGRAPH_ENDS:
                inside.append(i)
                continue
            before = bounds[-1][0] if bounds else 0
            first, end = bisect_left(self._starts, begin), bisect_left(self._starts, i)
            self._double(inside, i)
            flags = self._single(inside, first)
            self._posts(inside, first, before)
            if self._text[begin:i].rstrip(_WHITE).endswith(":"):
                flags |= speech.COLON
            if end > first:
                bounds.append((first, end, flags))
            begin, inside = i + 1, []
        self._paragraphs(bounds)
        self._sentences()
        return self._quoted

    def _mark(self, first: int, end: int) -> None:
        self._quoted[first:end] = [True] * (end - first)

    def _between(self, begin: int, end: int) -> None:
        self._mark(bisect_left(self._starts, begin), bisect_left(self._starts, end))

    def _is_space(self, i: int) -> bool:
        return not 0 <= i < len(self._text) or self._text[i] in _SPACE

    def _is_token(self, i: int) -> bool:
        return 0 <= i < len(self._text) and self._token[i]

    def _is_i(self, i: int) -> bool:
        return self._text[i] == "I" and (not self._is_token(i + 1) or self._text[i + 1] == "\u02bc")

    def _double(self, marks: list[int], end: int) -> None:
        opened, begin = "", 0
        for i in marks:
            mark = self._text[i]
            opens, closes = not opened, True
            if mark == '"':
                left = not self._is_token(i - 1) and not self._is_space(i + 1)
                right = not self._is_space(i - 1) and not self._is_token(i + 1)
                if left != right:
                    opens, closes = left, right
            elif mark in _BY_SIDE and (spaced := self._is_space(i - 1)) != self._is_space(i + 1):
                mark = _BY_SIDE[mark][0 if spaced else 1]
            if not opened:
                if mark in _CLOSES and opens:
                    opened, begin = mark, i
            elif mark in _CLOSES[opened] and closes:
                self._between(begin, i)
                opened = ""
        if opened:
            self._between(begin, end)

    def _single(self, marks: list[int], first: int) -> int:
        """The flags SINGLE and UNCLOSED of the paragraph whose first token is given."""
        single, flags = -1, 0
        for i in marks:
            mark, after_space = self._text[i], self._is_space(i - 1)
            if (mark == "\u2018" and after_space) or (
                mark == "'" and after_space and single < 0 and self._is_token(i + 1) and self._letter[i + 1]
            ):
                single = bisect_left(self._starts, i)
                flags |= speech.SINGLE if single == first else 0
            elif mark == "\u2019" or (mark == "'" and not after_space):
                inside_word = 0 < i < len(self._text) - 1 and self._letter[i - 1] and self._letter[i + 1]
                if single >= 0 and not inside_word:
                    self._mark(single, bisect_left(self._starts, i))
                    single = -1
        return flags | (speech.UNCLOSED if single == first else 0)

    def _posts(self, marks: list[int], first: int, before: int) -> None:
        dash = -1
        for i in marks:
            at = bisect_left(self._starts, i)
            if self._text[i] in _DASHES:
                dash = dash if self._is_token(i - 1) else at
            elif self._text[i] == "@" and self._text[i - 1 : i] == "(" and dash >= 0 and at - dash <= speech.POST_NAME:
                self._mark(max(before if dash == first else first, dash - speech.POST), at)

    def _paragraphs(self, bounds: list[tuple[int, int, int]]) -> None:
        block, more = False, 0
        for p, (first, end, flags) in enumerate(bounds[1:], 1):
            before, _, flags_before = bounds[p - 1]
            if flags_before & speech.UNCLOSED and flags & speech.SINGLE:
                self._mark(before, first)
            speaks = self._speak(first, end)
            introduced = p > 1 and bool(flags_before & speech.COLON)
            if introduced:
                more = speech.OF_DOCUMENT if self._is_document(before, first) else 0
            elif any(self._quoted[first:end]):
                more = 0
            block = introduced or (block and (speaks or more > 0))
            more -= 1
            block &= end - first <= speech.MOST_INTRODUCED
            if block:
                self._mark(first, end)

    def _is_document(self, before: int, first: int) -> bool:
        """Whether the token at first begins one, without marks, that the paragraph from before on introduces."""
        near = self._words[max(before, first - speech.NEAR_COLON) : first]
        return not self._quoted[first] and not speech.DOCUMENTS.isdisjoint(near)

    def _speak(self, first: int, end: int) -> bool:
        return any(self._speaks[i] and not self._quoted[i] for i in range(first, end))

    def _sentences(self) -> None:
        stops = [i for i, c in enumerate(self._text) if c in _STOPS or (c == "." and not self._is_token(i + 1))]
        ends = sorted({0, len(self._words), *(bisect_left(self._starts, i) for i in stops)})
        spoken = [(first, end) for first, end in itertools.pairwise(ends) if self._speak(first, end)]
        own = sum(self._quoted[first:end].count(False) for first, end in spoken)
        if any(self._quoted) and own <= speech.MOST_SPOKEN * self._quoted.count(False):
            for first, end in spoken:
                self._mark(first, end)
