"""Find texts by the words that they hold, as one types: a sorted list of words, and which texts have each."""

from __future__ import annotations

import bisect

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MOST_CHARACTERS = 400  # of a text that are searched: headlines are shorter
MOST_WORDS = 16  # of what is looked for

_MARKS = r"[\x{0300}-\x{036f}'\x{2019}\x{02bc}\x{00ad}\x{200b}-\x{200d}\x{feff}]"
# Scripts that set no spaces: a character is a word, as it is a token of the index.
_UNSPACED = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
_BETWEEN = r"[^\pL\pM\pN]+"

Places = npt.NDArray[np.int64]


class Words:
    """Which of some things (0 ... count - 1) have which words in their texts."""

    def __init__(self, texts: pa.Array, of: Places, count: int) -> None:
        """texts: (n,) strings; of: (n,) int64, whose text each is."""
        self.count = count
        lists = _split(texts)
        words = pc.list_flatten(lists).dictionary_encode()
        owner = of[pc.list_parent_indices(lists).to_numpy()]
        distinct = words.dictionary
        # Arrow sorts strings by their bytes, which is Python's order of characters too.
        order = pc.sort_indices(distinct).to_numpy().astype(np.int64)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        number = rank[words.indices.to_numpy(zero_copy_only=False)] if len(words) else np.empty(0, np.int64)
        pairs = np.unique(number * max(count, 1) + owner)
        self._words = distinct.take(pa.array(order))
        self._owners = (pairs % max(count, 1)).astype(np.uint32)
        self._starts = np.searchsorted(pairs // max(count, 1), np.arange(len(order) + 1))

    def find(self, wanted: str) -> npt.NDArray[np.bool_] | None:
        """(count,) bool: which have, for each word of wanted, a word that begins with it; None where it has no word."""
        words = pc.list_flatten(_split(pa.array([wanted[:MOST_CHARACTERS]]))).to_pylist()[:MOST_WORDS]
        if not words:
            return None
        found = np.ones(self.count, np.bool_)
        for word in words:
            first = bisect.bisect_left(range(len(self._words)), word, key=self._word)
            last = bisect.bisect_left(range(len(self._words)), word + "\U0010ffff", key=self._word)
            having = np.zeros(self.count, np.bool_)
            having[self._owners[self._starts[first] : self._starts[last]]] = True
            found &= having
        return found

    def _word(self, number: int) -> str:
        return str(self._words[number].as_py())


def _split(texts: pa.Array) -> pa.ListArray:
    """The words of texts, in lower case and without accents."""
    short = pc.utf8_slice_codeunits(texts.fill_null(""), 0, MOST_CHARACTERS)
    bare = pc.replace_substring_regex(pc.utf8_normalize(pc.utf8_lower(short), "NFKD"), _MARKS, "")
    spaced = pc.replace_substring_regex(bare, _UNSPACED, r" \1 ")
    clean = pc.utf8_trim_whitespace(pc.replace_substring_regex(spaced, _BETWEEN, " "))
    lists = pc.split_pattern(clean, " ")
    # An empty text splits into one empty word.
    return pc.if_else(pc.equal(clean, ""), pa.scalar([], lists.type), lists)
