"""One text without compiled kernels: for a query, loading them would cost more than the work.

The same tokens, shingle sets, signatures and anchors as `dedup.stages.shingle` and `dedup.stages.sketch` give,
which the tests check on every text that hypothesis finds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

from dedup.kernels import unicode
from dedup.kernels.affine32 import permutations
from dedup.model import Params

U32 = npt.NDArray[np.uint32]

# A letter for what each character is to a token, in the order of unicode's classes.
_KINDS = np.frombuffer(b"SLMNFAB", np.uint8)
_SOLITARY = ord("H")
_TOKEN = re.compile(rb"HM*|[LMNB]+")
_VANISHING = re.compile(rb"(?<=[LHB])[AB](?=[LHB])")
_SPACE = frozenset(" \t\n\v\f\r\x85\u2028\u2029")

# Double marks by what they belong to: those of one kind close each other.
_HIGH, _LOW, _ANGLE, _CORNER = '"\u201c\u201d', "\u201e", "\u00ab\u00bb", "\u300c\u300d"


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
    quoted = _quoted(points, entries, kinds)
    keep = np.ones(len(points), np.bool_)
    keep[[m.start() for m in _VANISHING.finditer(kinds.tobytes())]] = False
    plain = points[keep].tobytes().decode("utf-32-le")
    spans = [m.span() for m in _TOKEN.finditer(kinds[keep].tobytes())]
    marks = quoted[keep]
    return [plain[start:end] for start, end in spans], [bool(marks[start]) for start, _ in spans]


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


def _quoted(points: U32, entries: U32, kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which characters stand between marks; see "Tokens" in the README."""
    inside = np.zeros(len(points), np.bool_)
    letter = np.isin(kinds, np.frombuffer(b"LHB", np.uint8))
    word = kinds != ord("S")
    word &= kinds != ord("A")
    # Since when a sentence may have begun: the last closing mark, or end of a paragraph.
    opened, begin, single, since = "", 0, -1, 0
    for i in [*np.flatnonzero(entries & unicode.SPECIAL).tolist(), len(points)]:
        mark = chr(points[i]) if i < len(points) else "\n"
        if mark in unicode.PARAGRAPH_ENDS:
            if opened:
                inside[begin:i] = True
            opened, single, since = "", -1, i + 1
        elif mark == "\u2018":
            if i == 0 or chr(points[i - 1]) in _SPACE:
                single = i
        elif mark == "\u2019":
            between = 0 < i < len(points) - 1 and letter[i - 1] and letter[i + 1]
            if single >= 0 and not between:
                inside[single:i] = True
                single = -1
        else:
            opens, told = _opens(points, i, opened)
            if opens and not opened:
                opened, begin = _kind(mark), i
            elif not opens and (opened == _kind(mark) or (opened == _LOW and mark in _HIGH)):
                inside[begin:i] = True
                opened, since = "", i + 1
            elif not opens and not opened:
                if told:
                    inside[_sentence(entries, word, since, i) : i] = True
                since = i + 1
    return inside


def _opens(points: U32, i: int, opened: str) -> tuple[bool, bool]:
    """Whether the double mark at i opens a quotation, and whether white space on one side of it tells: else its own
    kind does."""
    mark = chr(points[i])
    if mark in _HIGH or mark in _ANGLE:
        before = i == 0 or chr(points[i - 1]) in _SPACE
        behind = i == len(points) - 1 or chr(points[i + 1]) in _SPACE
        if before != behind:
            return before, True
    if mark == '"':
        return opened not in (_HIGH, _LOW), False
    return mark in "\u201e\u00ab\u300c" or (mark == "\u201c" and opened != _LOW), False


def _sentence(entries: U32, word: npt.NDArray[np.bool_], since: int, end: int) -> int:
    """Where the sentence begins that ends before end: after the last stop that has a token behind it."""
    words = np.flatnonzero(word[since:end])
    stops = np.flatnonzero(entries[since : since + words[-1]] & unicode.STOP) if len(words) else words
    return since + int(stops[-1]) + 1 if len(stops) else since


def _kind(mark: str) -> str:
    return next(kind for kind in (_HIGH, _LOW, _ANGLE, _CORNER) if mark in kind)
