"""Dates as newsrooms write them, as UTC with the zone that was given.

A time without a zone is taken as UTC, and its zone is None: it is known that it is not
known. Epoch numbers are UTC by definition (zone 0). Slashed, dotted and dashed dates that
start with the day or the month are read day first, as most of the world writes them,
unless only month first is possible (05/28/2024). A date without a time is its midnight.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

MAX_LENGTH = 80
FIRST_YEAR, LAST_YEAR = 1000, 9998  # a zone's shift stays inside datetime's range
_FAR_ZONE = 14 * 60  # minutes: no place on Earth is farther from UTC

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan जनवरी",
            "february feb फरवरी फ़रवरी फ़रवरी",
            "march mar मार्च",
            "april apr अप्रैल",
            "may मई",
            "june jun जून",
            "july jul जुलाई",
            "august aug अगस्त",
            "september sept sep सितंबर सितम्बर",
            "october oct अक्टूबर अक्तूबर",
            "november nov नवंबर नवम्बर",
            "december dec दिसंबर दिसम्बर",
        ],
        start=1,
    )
    for name in names.split()
}

# Minutes east of UTC. IST is India's and BST is Britain's: the names that wire copy means.
_ZONES = {
    **dict.fromkeys(["z", "utc", "gmt", "ut", "wet"], 0),
    **dict.fromkeys(["bst", "cet", "west", "wat"], 60),
    **dict.fromkeys(["cest", "eet", "sast", "cat"], 120),
    **dict.fromkeys(["eest", "msk", "eat", "trt"], 180),
    **dict.fromkeys(["gst"], 240),
    **dict.fromkeys(["pkt", "uzt"], 300),
    "ist": 330,
    "npt": 345,
    **dict.fromkeys(["bdt"], 360),
    "mmt": 390,
    **dict.fromkeys(["ict", "wib"], 420),
    **dict.fromkeys(["sgt", "hkt", "pht", "myt", "awst"], 480),
    **dict.fromkeys(["jst", "kst"], 540),
    "acst": 570,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    "brt": -180,
    **dict.fromkeys(["edt"], -240),
    **dict.fromkeys(["est", "cdt"], -300),
    **dict.fromkeys(["cst", "mdt"], -360),
    **dict.fromkeys(["mst", "pdt"], -420),
    "pst": -480,
}


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_MONTH = rf"(?P<month>{_any(_MONTHS)})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
_TIME = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?)?"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?(?: ?(?:hrs|hours|uhr)\b\.?)?"
)
_ZONE = (
    rf"(?: ?\(?(?P<zone>(?:{_any(_ZONES)})\b)\)?)?"
    r"(?: ?(?P<sign>[+\u2212-])(?P<zone_hours>\d{1,2})(?::?(?P<zone_minutes>\d{2}))?)?(?: ?\([a-z ]{1,40}\))?"
)
_AFTER_DATE = r"(?:t|,? ?(?:at|-|\u2013|\|)? ?)"

_DATES = [
    rf"{_WEEKDAY}{_MONTH} ?{_DAY},? {_YEAR}",
    rf"{_WEEKDAY}{_DAY}[ -]{{0,2}}(?:of )?{_MONTH},?[ -]{{0,2}}{_YEAR}",
    r"(?P<year>\d{4})(?P<separator>[-/.])(?P<month>\d{1,2})(?P=separator)(?P<day>\d{1,2})",
    rf"{_WEEKDAY}(?P<first>\d{{1,2}})(?P<separator>[-/.])(?P<other>\d{{1,2}})(?P=separator){_YEAR}",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    r"(?P<year>\d{4}) ?年 ?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日",
]
_COMPACT_TIME = r"t?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})"
# Compiled, and kept by re, when first tried: the first forms read most dates, and all take 20 ms.
_FORMS = [
    *(rf"{date}(?:{_AFTER_DATE}{_TIME}{_ZONE})?" for date in _DATES),
    rf"{_DATES[4]}{_COMPACT_TIME}{_ZONE}",
    *(rf"{_TIME}{_ZONE}(?:,| on| \|| -)? {date}" for date in _DATES[:4]),
    rf"{_WEEKDAY}{_MONTH} ?{_DAY} {_TIME}{_ZONE} {_YEAR}",
]
_LEAD = re.compile(
    r"(?:(?:first|last|and|was) )*"
    r"(?:updated?|published|posted|modified|created|date|time|अपडेट(?:ेड)?|प्रकाशित|पब्लिश)"
    r"(?: (?:on|at|date))? ?[:|-]? ?(?:on )?"
)
_EPOCH = re.compile(r"(\d{9,16})(?:\.\d{1,9})?", re.ASCII)
_EPOCH_UNIT = {9: 1, 10: 1, 12: 1000, 13: 1000, 15: 10**6, 16: 10**6}  # digits -> ticks a second
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)


def parse(text: str) -> tuple[datetime, int | None] | None:
    """When text says, in UTC to the second, and the zone it names in minutes east of UTC.

    None where text is no date, an impossible one (31 April), one outside the years 1000 to
    9998, or longer than 80 characters. Never raises on any string.
    """
    if len(text) > MAX_LENGTH:
        return None
    line = " ".join(text.lower().split())
    if (epoch := _EPOCH.fullmatch(line)) and (ticks := _EPOCH_UNIT.get(len(epoch[1]))):
        return _EPOCH_START + timedelta(seconds=int(epoch[1]) // ticks), 0
    if lead := _LEAD.match(line):
        line = line[lead.end() :]
    for form in _FORMS:
        if (match := re.fullmatch(form, line)) and (found := _read(match.groupdict())):
            return found
    return None


def _read(parts: dict[str, str | None]) -> tuple[datetime, int | None] | None:
    year = int(parts["year"] or 0)
    day, month = _day_and_month(parts)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = parts.get("half")
    if parts.get("hour") and not (parts.get("minute") or half):
        return None  # a bare number after a date is not a time
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = _zone(parts)
    if not FIRST_YEAR <= year <= LAST_YEAR or (zone is not None and abs(zone) > _FAR_ZONE):
        return None
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return local - timedelta(minutes=zone or 0), zone


def _day_and_month(parts: dict[str, str | None]) -> tuple[int, int]:
    if first := parts.get("first"):
        day, month = int(first), int(parts["other"] or 0)
        return (month, day) if month > 12 else (day, month)
    month_name = parts["month"] or ""
    return int(parts["day"] or 0), _MONTHS.get(month_name) or int(month_name)


def _zone(parts: dict[str, str | None]) -> int | None:
    name, sign = parts.get("zone"), parts.get("sign")
    if not sign:
        return _ZONES[name] if name else None
    minutes = int(parts["zone_minutes"] or 0)
    if minutes > 59:
        return _FAR_ZONE + 1
    offset = 60 * int(parts["zone_hours"] or 0) + minutes
    return offset if sign == "+" else -offset


def with_zone(utc: datetime, zone: int | None) -> datetime:
    """The same moment on the clock of zone (minutes east of UTC; None: on UTC's clock)."""
    return utc.astimezone(UTC if zone is None else timezone(timedelta(minutes=zone)))


def isoformat(utc: datetime, zone: int | None) -> str:
    """The local time as ISO 8601, with its offset where the zone is known, without where it is not."""
    if zone is None:
        return utc.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return with_zone(utc, zone).isoformat(timespec="seconds")


def parse_column(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """What parse says of each string: timestamp[s, UTC] and int16 minutes, null where it says None.

    texts: string or large_string, length n. ISO forms are read by a kernel, the rest one by one,
    each distinct string once. The zone is null where the date is.
    """
    given = texts.is_valid().to_numpy(zero_copy_only=False)
    if not given.any():
        return pa.nulls(len(texts), pa.timestamp("s", "UTC")), pa.nulls(len(texts), pa.int16())
    dated, zoned, seconds, zones = _iso(texts.cast(pa.large_string()))
    rest = np.flatnonzero(given & ~dated)
    if len(rest):
        encoded = texts.take(pa.array(rest)).dictionary_encode()
        found = [parse(text) for text in encoded.dictionary.to_pylist()]
        codes = encoded.indices.to_numpy()
        dated[rest] = np.array([moment is not None for moment in found])[codes]
        zoned[rest] = np.array([moment is not None and moment[1] is not None for moment in found])[codes]
        seconds[rest] = np.array([_seconds(moment[0]) if moment else 0 for moment in found], np.int64)[codes]
        zones[rest] = np.array([(moment and moment[1]) or 0 for moment in found], np.int16)[codes]
    stamps = pa.array(seconds, pa.int64(), mask=~dated).cast(pa.timestamp("s", "UTC"))
    return stamps, pa.array(zones, pa.int16(), mask=~(dated & zoned))


def _seconds(utc: datetime) -> int:
    return int((utc - _EPOCH_START).total_seconds())


def _iso(texts: pa.Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64], NDArray[np.int16]]:
    """What `dedup.kernels.iso.read` reads: dated, zoned, seconds, zones."""
    from dedup.kernels import iso  # for which a single date need not wait

    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    given = texts.is_valid().to_numpy(zero_copy_only=False)
    dated, zoned = np.empty(len(texts), np.bool_), np.empty(len(texts), np.bool_)
    seconds, zones = np.empty(len(texts), np.int64), np.empty(len(texts), np.int16)
    years = FIRST_YEAR, LAST_YEAR
    iso.read(np.frombuffer(data or b"", np.uint8), bounds, given, years, _FAR_ZONE, dated, zoned, seconds, zones)
    return dated, zoned, seconds, zones
