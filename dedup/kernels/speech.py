"""What tells speech where no mark closes round it: see "Tokens" in the README."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

# Of a paragraph: it ends in a colon; its first token follows an opening single mark; that mark is never closed.
COLON, SINGLE, UNCLOSED = 1, 2, 4

# Of a token: it is quoted; it says that somebody speaks of themselves; a sentence ends behind it; it names a document.
QUOTED, SPEAKS, ENDS, NAMES = 1, 2, 4, 8

# A post that is quoted ends in its author, "— Name (@handle)": so many tokens between dash and handle at most, and so
# many of the post.
POST_NAME, POST = 6, 60

# What a colon introduces is a paragraph of so many tokens at most: longer ones are texts that lost their paragraphs.
MOST_INTRODUCED = 200

# A document that a colon introduces, as one of the last so many tokens before it says, is of so many paragraphs.
NEAR_COLON, OF_DOCUMENT = 12, 3

# What speaks of itself is speech, of which some pages leave out the marks. Where nothing else is quoted, or more of an
# article's account than this does, its author speaks.
MOST_SPOKEN = 0.7

# Words by which a sentence shows that it does, beside a capital I: of each language those that are nothing else in
# others ("us", "eu" and "mon" are), nor a name.
_BY_LANGUAGE = (
    "me my we weve our",
    "ich mein meine wir uns unser unsere",
    "moi nous notre",
    "yo nosotros nuestro nuestra",
    "meu minha nós",
    "noi nostro nostra",
    "я мне меня мы нас мой наш",
    "मैं मैंने मुझे मेरा मेरे मेरी हम हमने हमें हमारा हमारे हमारी",
    "আমি আমার আমরা আমাদের",
)
FIRST_PERSON = frozenset(" ".join(_BY_LANGUAGE).split())

# What is given out word for word: not "post", which newspapers are called, nor "speech", which is reported as often.
_DOCUMENTS_BY_LANGUAGE = (
    "statement statements letter memo memorandum email transcript",
    "erklärung mitteilung stellungnahme",
    "communiqué communique déclaration lettre",
    "comunicado declaración carta",
    "declaração",
    "comunicato dichiarazione lettera",
    "заявление заявлении письмо письме",
    "बयान पत्र विज्ञप्ति",
    "বিবৃতি চিঠি",
)
DOCUMENTS = frozenset(" ".join(_DOCUMENTS_BY_LANGUAGE).split())

# Of the first eight bytes of a word, by multiplication (Knuth 6.4; 2^64 by the golden ratio), so many bits.
LIKENESS, LIKE_BITS = 0x9E3779B97F4A7C15, 11


class Speakers(NamedTuple):
    """hashes: uint64, sorted, XXH64 of the words of FIRST_PERSON, the lowest bit 0, and of DOCUMENTS, the lowest bit 1.
    like: uint8, 1 << 11: 1 where the likeness of a word is that of one of them."""

    hashes: npt.NDArray[np.uint64]
    like: npt.NDArray[np.uint8]


@functools.cache
def first_person() -> Speakers:
    """What tells the words of FIRST_PERSON and DOCUMENTS from others."""
    words = [word.encode() for word in sorted(FIRST_PERSON | DOCUMENTS)]
    found = np.array([xxhash.xxh64_intdigest(word) for word in words], np.uint64) & ~np.uint64(1)
    found |= np.array([word.decode() in DOCUMENTS for word in words], np.uint64)
    found.sort()
    like = np.zeros(1 << LIKE_BITS, np.uint8)
    for word in words:
        first = int.from_bytes(word[:8].ljust(8, b"\0"), "little")
        like[first * LIKENESS % (1 << 64) >> (64 - LIKE_BITS)] = 1
    found.flags.writeable = like.flags.writeable = False
    return Speakers(found, like)
