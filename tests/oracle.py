"""The definitions, said as plainly as they can be: the judge of kernels and of `dedup.stages.plain`."""

from __future__ import annotations

import unicodedata

import datasketch
import numpy as np
import regex
import xxhash

from dedup.kernels import unicode

_SOLITARY = regex.compile(
    r"(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}"
    r"|\p{Script=Myanmar})"
)
_STOPS = ".!?\u0964\u0965\u06d4\u061f\u3002"
_SPACES = " \t\n\v\f\r\x85\u2028\u2029"
_OPENS, _CLOSES = "\u201c\u201e\u00ab\u300c", "\u201d\u00bb\u300d"
_SIDES = '"\u201c\u201d\u00ab\u00bb'  # marks that open or close as white space stands beside them
_CLOSED_BY = {"high": '"\u201c\u201d', "low": '"\u201c\u201d', "angle": "\u00ab\u00bb", "corner": "\u300d"}
_APOSTROPHES = "'\u2019\u02bc"


def _category(char: str) -> str:
    return unicodedata.category(char)[0]


def _visible(text: str) -> str:
    folded = unicodedata.normalize("NFKC", _bounded(_of_unicode_14(text))).lower()
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def _of_unicode_14(text: str) -> str:
    """What came later separates, as what is assigned nowhere does; Python 3.11 knows nothing later."""
    if unicodedata.unidata_version == "14.0.0":
        return text
    entries = unicode.entries(np.frombuffer(text.encode("utf-32-le"), np.uint32))
    return "".join("\ufffd" if later else char for char, later in zip(text, entries & unicode.UNASSIGNED, strict=True))


def _bounded(text: str) -> str:
    """Of more than 30 combining characters in a row the rest vanish."""
    kept, row = [], 0
    for char in text:
        row = row + 1 if unicodedata.combining(char) else 0
        if row <= 30:
            kept.append(char)
    return "".join(kept)


def tokens(text: str) -> list[tuple[str, bool]]:
    """Tokens and whether they are quoted, character by character."""
    text = _visible(text)
    marked = _marked(text)
    found: list[tuple[str, bool]] = []
    run, alone, quoted = "", False, False
    for i, char in enumerate(text):
        if _between_letters(text, i):
            continue
        kind = _category(char)
        solitary = kind in "LN" and bool(_SOLITARY.match(char))
        word = kind in "LMN"
        if run and (not word or (kind != "M" and (solitary or alone))):
            found.append((run, quoted))
            run = ""
        if word:
            if not run:
                alone, quoted = solitary, marked[i]
            run += char
    return [*found, (run, quoted)] if run else found


def _between_letters(text: str, i: int) -> bool:
    around = text[i - 1 : i] + text[i + 1 : i + 2]
    return text[i] in _APOSTROPHES and i > 0 and len(around) == 2 and all(_category(c) == "L" for c in around)


def _marked(text: str) -> list[bool]:
    """Which characters stand between quotation marks, paragraph by paragraph."""
    marked = [False] * len(text)
    start = 0
    for end in [i for i, char in enumerate(text) if char in "\n\r\x85\u2028\u2029"] + [len(text)]:
        _mark_double(text, start, end, marked)
        _mark_single(text, start, end, marked)
        start = end + 1
    return marked


def _mark_double(text: str, start: int, end: int, marked: list[bool]) -> None:
    opened, since = "", start
    for i in range(start, end):
        char = text[i]
        if char in _OPENS + _CLOSES + '"':
            closes = opened != "" and char in _CLOSED_BY[opened]
            if _opens(text, i, start, end, closes, opened == "low"):
                opened = opened or _kind(char)
            elif closes:
                opened, since = "", i + 1
            elif not opened:
                if char in _SIDES and _alone_closing(text, i, start, end):
                    _mark_sentence(text, since, i, marked)
                since = i + 1
        elif opened:
            marked[i] = True


def _opens(text: str, i: int, start: int, end: int, closes: bool, low: bool) -> bool:
    if text[i] in _SIDES:
        before, behind = i == start or text[i - 1] in _SPACES, i == end - 1 or text[i + 1] in _SPACES
        if before != behind:
            return before
    if text[i] == '"' or (text[i] == "\u201c" and low):
        return not closes
    return text[i] in _OPENS


def _alone_closing(text: str, i: int, start: int, end: int) -> bool:
    return i > start and text[i - 1] not in _SPACES and (i == end - 1 or text[i + 1] in _SPACES)


def _mark_sentence(text: str, since: int, end: int, marked: list[bool]) -> None:
    """What stands before a closing mark that closes nothing, back to a stop that has a word behind it."""
    words = [j for j in range(since, end) if _category(text[j]) in "LMN"]
    stops = [j for j in range(since, words[-1]) if text[j] in _STOPS] if words else []
    begin = stops[-1] + 1 if stops else since
    marked[begin:end] = [True] * (end - begin)


def _kind(char: str) -> str:
    return {"\u201e": "low", "\u00ab": "angle", "\u00bb": "angle", "\u300c": "corner"}.get(char, "high")


def _mark_single(text: str, start: int, end: int, marked: list[bool]) -> None:
    opened = None
    for i in range(start, end):
        if text[i] == "\u2018" and (i == start or text[i - 1] in _SPACES):
            opened = i
        elif text[i] == "\u2019" and opened is not None and not _between_letters(text, i):
            marked[opened:i] = [True] * (i - opened)
            opened = None


def shingles(text: str, width: int = 5) -> list[tuple[bytes, bool]]:
    """Shingles in order, and whether they are narrative."""
    words = tokens(text)
    if not words:
        return []
    spans = [words[i : i + width] for i in range(max(1, len(words) - width + 1))]
    return [(" ".join(w for w, _ in span).encode(), not any(q for _, q in span)) for span in spans]


def hashed(shingle: bytes, seed: int = 0) -> int:
    return xxhash.xxh64_intdigest(shingle, seed) & 0xFFFFFFFF


def shingle_set(text: str, width: int = 5, seed: int = 0) -> dict[int, bool]:
    """Hash of each distinct shingle, in order, and whether it is narrative anywhere."""
    found: dict[int, bool] = {}
    for shingle, narrative in shingles(text, width):
        key = hashed(shingle, seed)
        found[key] = found.get(key, False) or narrative
    return dict(sorted(found.items()))


def signature(text: str, num_perm: int = 128, seed: int = 1, width: int = 5) -> np.ndarray:
    """What datasketch makes of a text's shingles."""
    minhash = datasketch.MinHash(num_perm, seed=seed, scheme="affine32", hashfunc=hashed)
    minhash.update_batch([shingle for shingle, _ in shingles(text, width)])
    return minhash.hashvalues
