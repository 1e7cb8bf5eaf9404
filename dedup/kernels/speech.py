"""What tells speech where no mark closes round it: see "Tokens" in the README."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
import xxhash

# Of a paragraph: it ends in a colon; its first token follows an opening single mark; that mark is never closed.
COLON, SINGLE, UNCLOSED = 1, 2, 4

# A post that is quoted ends in its author, "— Name (@handle)": so many tokens between dash and handle at most, and so
# many of the post.
POST_NAME, POST = 6, 60

# What a colon introduces is a paragraph of so many tokens at most: longer ones are texts that lost their paragraphs.
MOST_INTRODUCED = 200

# Words by which a letter or a statement shows that it goes on: of each language those that are nothing else.
_BY_LANGUAGE = (
    "i im ive me my we weve us our",
    "ich mir mich mein meine wir uns unser unsere",
    "je jai moi mon nous notre nos",
    "yo nosotros nuestro nuestra",
    "eu meu minha nós",
    "io mio mia noi nostro nostra",
    "я мне меня мы нас мой наш",
    "मैं मैंने मुझे मेरा मेरे मेरी हम हमने हमें हमारा हमारे हमारी",
    "আমি আমার আমরা আমাদের",
)
FIRST_PERSON = frozenset(" ".join(_BY_LANGUAGE).split())


@functools.cache
def first_person() -> npt.NDArray[np.uint64]:
    """uint64, sorted: XXH64 of the words of FIRST_PERSON."""
    found = np.sort(np.array([xxhash.xxh64_intdigest(word.encode()) for word in FIRST_PERSON], np.uint64))
    found.flags.writeable = False
    return found
