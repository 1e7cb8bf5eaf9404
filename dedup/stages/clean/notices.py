"""Recognise what a page says of its own text below a story: opinions and their owner, transcripts, who may print it."""

from __future__ import annotations

import re

from dedup.stages.clean.patterns import Pattern, has

# "NPR transcripts are created on a rush deadline ... may not be in its final form and may be updated ..."
_TRANSCRIPT = Pattern(r".{0,80}\btranscripts?\b.{0,300}\bfinal form\b", re.I)
# "The views expressed are the author's and do not necessarily reflect ...", but for what somebody says.
_OPINIONS = Pattern(
    r"(?![\"“‘«])(?:.{0,80}\b(?:views?|opinions?) expressed (?:in|by|here|on|are)\b"
    r"|.{0,600}(?:\bnot|n['’]t) necessarily re(?:flect|present))",
    re.I,
)
# "This story was originally published by ... and is reprinted with permission", "Permission is given to duplicate ...",
# "This research was sponsored by ...": who may print it, where it stood first, who paid for it.
_THIS_WORK = r"this (?:article|story|report|research|post|piece|column|essay|work)"
_PERMISSION = Pattern(
    r"(?![\"“‘«])(?:.{0,80}\bpermission is (?:hereby )?(?:given|granted) to\b"
    r"|.{0,250}\bre(?:printed|published)\b.{0,80}\bpermission\b"
    r"|.{0,120}\bavailable without charge to\b|.{0,250}\bunder an? creative commons\b"
    rf"|[(\[*]*{_THIS_WORK} (?:(?:was )?(?:originally|first) (?:appeared|published|ran)"
    r"|(?:was|is) (?:re(?:published|printed)|(?:sponsored|funded|supported|made possible) by))\b"
    rf"|[(\[*]*{_THIS_WORK} is part of .{{0,80}} (?:series\.|(?:partnership|collaboration)\b))",
    re.I,
)
_SAYS = Pattern(r"\b(?:said|says|told|tells|wrote|writes|added|adds)\b", re.I)

# In lower case; a line without any of them is spared the patterns. The last eight bytes of each are looked for
# first, so they should be rare: " part of" stands near the end of one article in ten.
_OPINION_WORDS = ("necessarily re", "opinion expressed ", "opinions expressed ", "view expressed ", "views expressed ")
_PERMISSION_WORDS = (
    *("permission is g", "permission is h", "without charge", "creative commons", "originally app", "originally pub"),
    *("originally ran", "first app", "first pub", "first ran", "republis", "reprinte"),
    *(" series.", "partnership", "collaboration", "sponsored by", "funded by", "supported by", "possible by"),
)
WORDS = (*_PERMISSION_WORDS, "final form", "necessarily re", "opinion e", "opinions e", "view exp", "views ex")


def is_notice(line: str, low: str) -> bool:
    """Whether a line says who owns the opinions in a text, or that a transcript may change. low: it in lower case."""
    if "final form" in low and _TRANSCRIPT.match(line):
        return True
    return has(low, _OPINION_WORDS) and _OPINIONS.match(line) is not None and not _SAYS.search(line)


def is_permission(line: str, low: str) -> bool:
    """Whether a line says who may print a text, where it stood first, or who paid for it. low: it in lower case."""
    known = has(low, _PERMISSION_WORDS)
    return known and _PERMISSION.match(line) is not None and not _SAYS.search(line)
