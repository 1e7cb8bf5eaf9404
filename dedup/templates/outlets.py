"""One name an outlet, however its articles spell it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

# Words that outlets set behind their names, or leave out.
_TRAILING = frozenset({"online", "news", "web", "website", "digital", "opinion"})
_LEADING = frozenset({"www", "the"})
# A host, and what it has before its country: co.uk, com.au.
_HOST = re.compile(r"[^\s/]+\.[a-z]{2,}")
_SECOND = frozenset({"ac", "co", "com", "edu", "gov", "gob", "net", "or", "org"})


@lru_cache(1 << 14)
def normalised(outlet: str) -> str:
    """An outlet's name for templates: "Fox News (Online)", "FOX" and "www.fox.com" are "fox"; "" for none."""
    name = unicodedata.normalize("NFKC", outlet).casefold().strip()
    words = "".join(char if _is_word(char) else " " for char in name).split()
    if _HOST.fullmatch(name):
        words = words[:-2] if len(words) > 2 and words[-2] in _SECOND else words[:-1]
    while len(words) > 1 and words[0] in _LEADING:
        del words[0]
    while len(words) > 1 and words[-1] in _TRAILING:
        del words[-1]
    return " ".join(words)


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def seed(outlet: str | None) -> int:
    """What the lines of an outlet are hashed with; 0 for none."""
    name = normalised(outlet or "")
    return xxhash.xxh64_intdigest(name.encode("utf-8", "replace")) if name else 0


def seeds(outlets: Any) -> npt.NDArray[np.uint64]:
    """uint64, n: the seed of each name in an Arrow column."""
    coded = outlets.combine_chunks() if hasattr(outlets, "combine_chunks") else outlets
    coded = coded.fill_null("").dictionary_encode()
    known = np.array([seed(name) for name in coded.dictionary.to_pylist()], np.uint64)
    places: npt.NDArray[np.int64] = coded.indices.to_numpy()
    return known[places]
