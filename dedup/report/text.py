"""Article text, times and figures as one line of a terminal shows them.

Article text comes from strangers: a headline may hold escape sequences that move the
cursor, rename the window or reverse the direction of writing. `plain` takes them out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from dedup.model import Credit

LONGEST = 60 * 24 * 30.0  # minutes of a full bar of spread
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_SPACES = dict.fromkeys([*range(0x09, 0x0E), 0x85, 0x2028, 0x2029], " ")
_CONTROLS = dict.fromkeys([*range(0x00, 0x09), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0)])
# Embeddings, overrides and isolates reverse what follows them (CVE-2021-42574); the joiners
# U+200C and U+200D stay, Indic scripts and emoji need them.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_TAGS = dict.fromkeys([0xFEFF, *range(0xE0000, 0xE0080)])
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_PLAIN: dict[int, str | None] = {**_SPACES, **_CONTROLS, **_DIRECTIONS, **_TAGS, **_SURROGATES}


def plain(text: str | None) -> str:
    """text on one line, without a character that a terminal obeys; None is empty."""
    return "" if text is None else visible(text).strip()


def visible(text: str) -> str:
    """As plain, with the spaces around it."""
    return text.translate(_PLAIN)


def shorten(text: str, limit: int) -> str:
    """At most limit characters, cut at a space where there is one, with an ellipsis for the rest."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ", limit // 2)
    return (head[:space] if space > 0 else head).rstrip(" ,;:") + "…"


def when(time: datetime | None) -> str:
    """2024-05-28 05:15 +05:30; UTC is written +00:00; unknown is a dash."""
    if time is None:
        return "-"
    zone = time.strftime("%z")
    return time.strftime("%Y-%m-%d %H:%M") + (f" {zone[:3]}:{zone[3:5]}" if zone else "")


def after(time: datetime | None, origin: datetime | None) -> str:
    """How long after the origin: +7 m, +3 h 05, +2 d 4 h; a minus where it was before; ? unknown."""
    if time is None or origin is None:
        return "?"
    return _signed(time - origin)


def minutes(count: float | None) -> str:
    """Minutes as `after` tells a time: +7 m, +3 h 05, +2 d 4 h; None is empty."""
    return "" if count is None else _signed(timedelta(minutes=count))


def _signed(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    if hours >= 48:
        days, hours = divmod(hours, 24)
        return f"{sign}{days} d {hours} h" if hours else f"{sign}{days} d"
    return f"{sign}{hours} h {minutes:02}" if hours else f"{sign}{minutes} m"


def minutes_between(first: datetime | None, last: datetime | None) -> float | None:
    """None where either is unknown, or the two cannot be compared since only one has a zone."""
    if first is None or last is None or (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return (last - first).total_seconds() / 60


def log_share(count: float, whole: float) -> float:
    """Where minutes stand on a logarithmic axis that ends at whole, in [0, 1]."""
    return min(1.0, math.log1p(max(0.0, count)) / math.log1p(max(1.0, whole)))


def spread(first: datetime | None, last: datetime | None) -> float | None:
    """The time from first to last on a logarithmic scale of which LONGEST is the end, in [0, 1]; None unknown."""
    between = minutes_between(first, last)
    return None if between is None else log_share(between, LONGEST)


def bar(share: float | None, cells: int = 6) -> str:
    """A share as a bar of blocks of that many cells; None is empty."""
    if share is None:
        return ""
    eighths = round(8 * cells * min(1.0, max(0.0, share)))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]


def percent(share: float | None) -> str:
    """41 %; what is not all but nearly is 99 %, what is not none but nearly 1 %; None is empty."""
    if share is None:
        return ""
    rounded = round(100 * share)
    if 0 < share < 1:
        rounded = min(99, max(1, rounded))
    return f"{rounded} %"


def size(count: int) -> str:
    """Bytes as 17 B, 2.1 kB, 34 MB."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def many(count: int, noun: str) -> str:
    """1 article, 2,300 articles, 4 stories."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count:,} {noun if count == 1 else plural}"


def numbers(found: Sequence[int]) -> str:
    """Paragraphs as ¶2, ¶4–8 or ¶2, 5."""
    spans: list[tuple[int, int]] = []
    for n in found:
        if spans and spans[-1][1] == n - 1:
            spans[-1] = (spans[-1][0], n)
        else:
            spans.append((n, n))
    return "¶" + ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)


def agencies(credits: Sequence[Credit]) -> tuple[str, ...]:
    """Each credited agency once, in the order of the page."""
    return tuple(dict.fromkeys(credit.agency for credit in credits))


def credit_kept(credits: Sequence[Credit], story: Sequence[str]) -> str:
    """The agencies that an outlet credits, or that it dropped the one that the story has."""
    named = agencies(credits)
    if named:
        return ", ".join(plain(name) for name in named)
    return "dropped" if story else "none"
