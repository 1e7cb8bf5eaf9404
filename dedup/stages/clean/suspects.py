"""Find the lines of a batch that may carry a mark: what those of `marks` cannot do without.

It is wider than the patterns there, never narrower: a line that it misses is never looked at again.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.kernels import suspects as kernel
from dedup.kernels.literals import literals
from dedup.stages.clean import agencies, invitations, lines, marks, notices, text

# Where lines are taken off, others move up: these are looked at with the rest, for nearly nothing.
_MORE_HEAD, _MORE_TAIL = 1, 3
# Bytes of a last line that hold what a pattern looks at: a disclaimer's 300 characters at its start, TAIL at its end.
_TAIL_HEAD_BYTES, _TAIL_BYTES = 3 * 300, 3 * marks.TAIL

# Of each the first eight bytes count.
_OPENINGS = (
    *("by", "posted", "published", "update", "modified", "originally", "created", "date:", "date :", "date\u00a0:"),
    *(f"{a} {b}" for a in ("last", "first") for b in ("upd", "pub", "pos", "mod", "cre")),
    *(a + b for a in ("written", "reported", "story", "report", "edited", "compiled") for b in (" b", "  ", "\u00a0")),
    *("अपडेट", "प्रकाशित", "पब्लिश"),
)
_SOURCES = ("source", "agency", "via", "स्रोत", "सोर्स", "एजेंसी")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
    *("जनवरी", "फरवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सित", "अक्", "नव", "दिस"),
    *("एक", "दो", "तीन", "चार", "पांच", "पाँच", "छह", "सात", "आठ", "नौ", "दस"),
)
# Of each the last eight bytes count.
_WORDS = (
    *("contributed ", "contributed\u00a0", "contributing", "contributor", "input", "feed", "syndicat", "disclaimer"),
    *("with wire", "news wire", "wire rep", "wire ser", "with agenc", "and agenc", "news agenc", "wire agenc"),
    *(
        "a agenc",
        "n agenc",
        "agency rep",
        "agencies rep",
        "via:",
        "via :",
        "source:",
        "source :",
        "agency:",
        "agency :",
    ),
    *("reporting by", "reporting fr", "additional repor", "editing by", "writing by", "reported fr", "wrote from"),
    *("reported by", "produced by", "material from", "was compiled", "rights res", "copyright", "(c) ", "(c)\u00a0"),
    *("files from", "distributed by", *invitations.WORDS, *notices.WORDS),
    *("rg lp", "rg l.p", "auto-gen", "auto-pub", "auto gen", "auto pub", "autogen", "autopub"),
    *("not been e", "not been r", "not been m", "not been c", "without edit", "without modif", "without chang"),
    *("without any e", "without any m", "without any c"),
    *(f"{a} {b}" for a in ("report", "story", "article") for b in ("incl", "cont", "used")),
    *("इनपुट", "एजेंसी", "डिस्क्लेमर", "अस्वीकरण", "सिंडिकेट", "संपादित", "स्रोत", "सोर्स", "प्राप्त"),
)


def suspects(found: lines.Lines, wanted: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Of each line what it is known to carry no mark of, as `text.Lines` has it; the rows of the articles among
    wanted of which a line may carry one."""
    sizes = (
        *(text.HEAD_LINES, _MORE_HEAD, text.TAIL_LINES, _MORE_TAIL),
        *(marks.TAIL // 2, marks.HEAD, marks.SIGN, _TAIL_HEAD_BYTES, _TAIL_BYTES),
    )
    bare = np.zeros(len(found.start), np.uint8)
    bits = tuple(map(np.uint8, (text.BARE_HEAD, text.BARE_TAIL, text.BARE_WHOLE)))
    where = (found.data, found.first, found.start, found.end, wanted)
    arguments: tuple[Any, ...] = (*where, *_literals(), sizes, bits, bare)
    return bare, kernel.suspects(*arguments)


@functools.cache
def _literals() -> tuple[npt.NDArray[np.uint64], ...]:
    """As the kernel takes them."""
    names = [form.encode() for form in agencies.FORMS]
    return (
        literals((word.encode()[:8] for word in (*_OPENINGS, *_SOURCES)), 2, fold=True),
        literals((word.encode()[:8] for word in _SOURCES), 2, fold=True),
        literals((word.encode()[:8] for word in _MONTHS), 2),
        literals((word.encode()[-8:] for word in _WORDS), 4, fold=True),
        literals((name[:8] for name in names if name.isascii()), 2),
        literals((name[:8] for name in names if not name.isascii()), 4),
        literals((name[-8:] for name in names), 2, last=True),
    )
