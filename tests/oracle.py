"""The definitions, said as plainly as they can be: the judge of kernels and of `dedup.stages.plain`."""

from __future__ import annotations

import unicodedata

import datasketch
import numpy as np
import regex
import xxhash

from dedup.kernels import speech, unicode

_SOLITARY = regex.compile(
    r"(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}"
    r"|\p{Script=Myanmar})"
)
_PAIRS = {'"': '"\u201d', "\u201c": '\u201d"', "\u201e": '\u201c\u201d"', "\u00ab": "\u00bb", "\u300c": "\u300d"}
_SPACE = " \t\n\v\f\r\x85\u2028\u2029"
_APOSTROPHES = "'\u2019\u02bc"


def _category(char: str) -> str:
    return unicodedata.category(char)[0]


def _visible(text: str) -> str:
    known = unicodedata.normalize("NFKC", _bounded(_of_unicode_14(text)))
    folded = "".join("I" if char == "I" else low for char, low in zip(known, _lowered(known), strict=True))
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def _lowered(text: str) -> list[str]:
    """What each character is in lower case, where it stands."""
    lower = iter(text.lower())
    return ["".join(next(lower) for _ in char.lower()) for char in text]


def _of_unicode_14(text: str) -> str:
    """What it does not assign separates, as white space does. Python 3.11 knows this very version."""
    if unicodedata.unidata_version == "14.0.0":
        return "".join(" " if unicodedata.category(char) == "Cn" else char for char in text)
    entries = unicode.entries(np.frombuffer(text.encode("utf-32-le"), np.uint32))
    return "".join(" " if later else char for char, later in zip(text, entries & unicode.UNASSIGNED, strict=True))


def _bounded(text: str) -> str:
    """Of more than 30 combining characters in a row the rest vanish."""
    kept, row = [], 0
    for char in text:
        row = row + 1 if unicodedata.combining(char) else 0
        if row <= 30:
            kept.append(char)
    return "".join(kept)


def tokens(text: str, quotes: bool = True) -> list[tuple[str, bool]]:
    """Tokens and whether they are quoted, character by character. quotes: whether to look."""
    text = _visible(text) if quotes else text
    found: list[str] = []
    begins: list[int] = []
    run, alone = "", False
    for i, char in enumerate(text):
        if _between_letters(text, i):
            continue
        kind = _category(char)
        solitary = kind in "LN" and bool(_SOLITARY.match(char))
        word = kind in "LMN"
        if run and (not word or (kind != "M" and (solitary or alone))):
            found.append(run)
            run = ""
        if word:
            if not run:
                alone = solitary
                begins.append(i)
            run += char.replace("I", "i")
    found += [run] if run else []
    quoted = _quoted(text, begins) if quotes else set()
    return [(word, i in quoted) for word, i in zip(found, begins, strict=True)]


def _between_letters(text: str, i: int) -> bool:
    around = text[i - 1 : i] + text[i + 1 : i + 2]
    return text[i] in _APOSTROPHES and i > 0 and len(around) == 2 and all(_category(c) == "L" for c in around)


class _Paragraph:
    """The tokens of a paragraph, by the places of their first characters, and what its marks say of it."""

    def __init__(self, text: str, start: int, end: int, begins: list[int]) -> None:
        self.text, self.start, self.end = text, start, end
        self.tokens = [i for i in begins if start <= i < end]
        self.ends_in_colon = text[start:end].rstrip(_SPACE).endswith(":")
        self.opens_single = self.left_open = False

    def before(self, i: int) -> str:
        """What stands on the left side of a mark: s(pace), t(oken) or another character."""
        return "s" if i == 0 or self.text[i - 1] in _SPACE else "t" if _is_word(self.text[i - 1]) else ""

    def after(self, i: int) -> str:
        return (
            "s" if i + 1 == len(self.text) or self.text[i + 1] in _SPACE else "t" if _is_word(self.text[i + 1]) else ""
        )


def _is_word(char: str) -> bool:
    return _category(char) in "LMN"


def _quoted(text: str, begins: list[int]) -> set[int]:
    """Which tokens, by their first characters, are quoted."""
    found: set[int] = set()
    paragraphs: list[_Paragraph] = []
    start = 0
    for end in [i for i, char in enumerate(text) if char in "\n\r\x85\u2028\u2029"] + [len(text)]:
        one = _Paragraph(text, start, end, begins)
        _mark_double(one, found)
        _mark_single(one, found)
        _mark_posts(one, paragraphs[-1] if paragraphs else None, found)
        paragraphs += [one] if one.tokens else []
        start = end + 1
    words = dict(zip(begins, (word for word, _ in tokens(text, quotes=False)), strict=True))
    _mark_blocks(paragraphs, found, text, words)
    _mark_spoken(found, text, words)
    return found


def _mark_double(one: _Paragraph, found: set[int]) -> None:
    opened = ""
    for i in range(one.start, one.end):
        char = one.text[i]
        opens, closes = not opened, bool(opened)
        if char == '"':
            as_left = one.before(i) != "t" and one.after(i) != "s"
            as_right = one.before(i) != "s" and one.after(i) != "t"
            if as_left != as_right:
                opens, closes = as_left and not opened, as_right and bool(opened)
        for pair in ("\u201c\u201d", "\u00ab\u00bb"):
            if char in pair and (one.before(i) == "s") != (one.after(i) == "s"):
                char = pair[0] if one.before(i) == "s" else pair[1]
        if not opened:
            opened = char if char in _PAIRS and opens else ""
        elif char in _PAIRS[opened] and closes:
            opened = ""
        elif i in one.tokens:
            found.add(i)


def _mark_single(one: _Paragraph, found: set[int]) -> None:
    opened: int | None = None
    for i in range(one.start, one.end):
        char, spaced = one.text[i], one.before(i) == "s"
        plain = (
            char == "'" and spaced and opened is None and i + 1 < len(one.text) and _category(one.text[i + 1]) == "L"
        )
        if plain or (char == "\u2018" and spaced):
            opened = i
            one.opens_single |= not any(t < i for t in one.tokens)
        elif (char == "\u2019" or (char == "'" and not spaced)) and not _between_letters(one.text, i):
            found.update(t for t in one.tokens if opened is not None and opened < t < i)
            opened = None
    one.left_open = opened is not None and not any(t < opened for t in one.tokens)


def _mark_posts(one: _Paragraph, previous: _Paragraph | None, found: set[int]) -> None:
    """— Name (@handle)"""
    dash = None
    for i in range(one.start, one.end):
        if one.text[i] in "-\u2013\u2014\u2015" and one.before(i) != "t":
            dash = i
        if one.text[i] == "@" and i > one.start and one.text[i - 1] == "(" and dash is not None:
            name = [t for t in one.tokens if dash < t < i]
            above = [t for t in one.tokens if t < dash] or (previous.tokens if previous else [])
            if len(name) <= 6:
                found.update(above[-60:] + name)


def _mark_blocks(paragraphs: list[_Paragraph], found: set[int], text: str, words: dict[int, str]) -> None:
    block, document = False, 0  # paragraphs of a document that are still to come
    for p in range(1, len(paragraphs)):
        above, one = paragraphs[p - 1], paragraphs[p]
        if above.left_open and one.opens_single:
            found.update(above.tokens)
        speaks = any(_speaks(text, t, words) for t in one.tokens if t not in found)
        introduced = p > 1 and above.ends_in_colon
        if introduced:
            named = any(words[t] in speech.DOCUMENTS for t in above.tokens[-12:])
            document = 3 if named and one.tokens[0] not in found else 0
        elif not found.isdisjoint(one.tokens):
            document = 0
        block = len(one.tokens) <= 200 and (introduced or (block and (speaks or document > 0)))
        document -= 1
        if block:
            found.update(one.tokens)


def _speaks(text: str, i: int, words: dict[int, str]) -> bool:
    """Whether the token at i is of the first person."""
    behind = text[i + 1 : i + 2]
    is_i = text[i] == "I" and (not behind or behind in _APOSTROPHES or not _is_word(behind))
    return is_i or words[i] in speech.FIRST_PERSON


def _mark_spoken(found: set[int], text: str, words: dict[int, str]) -> None:
    """Sentences in the first person, unless nothing is quoted, or most of what is not is that."""
    sentences: list[list[int]] = [[]]
    for i, char in enumerate(text):
        if i in words:
            sentences[-1].append(i)
        behind = text[i + 1 : i + 2]
        if char in "!?。।॥؟۔\n\r\x85\u2028\u2029" or (char == "." and not (behind and _is_word(behind))):
            sentences.append([])
    account = [[t for t in one if t not in found] for one in sentences]
    spoken = [one for one in account if any(_speaks(text, t, words) for t in one)]
    if found and sum(map(len, spoken)) <= 0.7 * sum(map(len, account)):
        found.update(t for one in spoken for t in one)


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
