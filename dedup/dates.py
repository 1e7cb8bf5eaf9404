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
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_STRETCH = 65_536  # strings read at once: 40 bytes and 40 positions each
_WIDTH = 42  # bytes of the longest ISO form, and room to look past its end
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

    texts: string or large_string, length n. ISO forms are read as arrays, the rest one by one,
    each distinct string once. The zone is null where the date is.
    """
    count = len(texts)
    seconds, zones = np.zeros(count, np.int64), np.zeros(count, np.int16)
    dated, zoned = np.zeros(count, bool), np.zeros(count, bool)
    given = texts.is_valid().to_numpy(zero_copy_only=False)
    for start in range(0, count, _STRETCH):
        part = slice(start, start + _STRETCH)
        dated[part], zoned[part], seconds[part], zones[part] = _iso(texts.slice(start, _STRETCH))
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
    """Read YYYY-MM-DD[(T| )hh:mm[:ss[.fraction]][Z|+hh:mm|+hhmm|+hh]]: dated, zoned, seconds, zones.

    Strings of any other form, and impossible dates, come back undated.
    """
    glyphs, lengths = _matrix(texts)
    digits = glyphs - np.uint8(48)  # wraps: what is no digit is above 9
    is_digit = digits < 10
    dated = is_digit[:, [0, 1, 2, 3, 5, 6, 8, 9]].all(axis=1) & (glyphs[:, [4, 7]] == ord("-")).all(axis=1)
    timed = (
        np.isin(glyphs[:, 10], list(b"Tt ")) & is_digit[:, [11, 12, 14, 15]].all(axis=1) & (glyphs[:, 13] == ord(":"))
    )
    to_second = timed & (glyphs[:, 16] == ord(":")) & is_digit[:, 17] & is_digit[:, 18]
    fraction = to_second & np.isin(glyphs[:, 19], list(b".,")) & is_digit[:, 20]
    fraction_digits = np.logical_and.accumulate(is_digit[:, 20:29], axis=1).sum(axis=1)
    end = np.where(timed, 16, 10)
    end[to_second] = 19
    end[fraction] = 20 + fraction_digits[fraction]
    dated &= timed | (lengths == 10)

    tail = np.take_along_axis(glyphs, end[:, None] + np.arange(6), axis=1)
    tail_digits = (tail - np.uint8(48)).astype(np.int16)
    left = lengths - end
    signed = np.isin(tail[:, 0], list(b"+-")) & (tail_digits[:, [1, 2]] < 10).all(axis=1)
    colon = signed & (left == 6) & (tail[:, 3] == ord(":")) & (tail_digits[:, [4, 5]] < 10).all(axis=1)
    plain = signed & (left == 5) & (tail_digits[:, [3, 4]] < 10).all(axis=1)
    utc = (left == 1) & np.isin(tail[:, 0], list(b"Zz"))
    minutes = np.where(colon, 10 * tail_digits[:, 4] + tail_digits[:, 5], 10 * tail_digits[:, 3] + tail_digits[:, 4])
    minutes = np.where(colon | plain, minutes, 0).astype(np.int16)
    shifted = colon | plain | (signed & (left == 3))
    zones = np.where(shifted, 600 * tail_digits[:, 1] + 60 * tail_digits[:, 2] + minutes, 0).astype(np.int16)
    dated &= (left == 0) | (timed & (utc | shifted)) & (minutes < 60) & (zones <= _FAR_ZONE)
    zones[tail[:, 0] == ord("-")] *= -1

    number = digits.astype(np.int64)
    year = number[:, :4] @ np.array([1000, 100, 10, 1])
    month, day = 10 * number[:, 5] + number[:, 6], 10 * number[:, 8] + number[:, 9]
    clock = np.where(timed, 36_000 * number[:, 11] + 3600 * number[:, 12] + 600 * number[:, 14] + 60 * number[:, 15], 0)
    second = np.where(to_second, 10 * number[:, 17] + number[:, 18], 0)
    dated &= (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    dated &= ~timed | (10 * number[:, 11] + number[:, 12] < 24) & (number[:, 14] < 6) & (second < 60)
    year, month, day = (np.where(dated, part, 1) for part in (year, month, day))
    dated &= day <= _MONTH_DAYS[month] + ((month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)))
    # Days since 1970 by counting from March, so that the leap day comes last.
    years, months = year - (month <= 2), (month + 9) % 12
    days = 365 * years + years // 4 - years // 100 + years // 400 + (153 * months + 2) // 5 + day - 719_469
    zones[~dated] = 0
    return dated, dated & (utc | shifted), 86_400 * days + clock + second - 60 * zones.astype(np.int64), zones


def _matrix(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The first bytes of each string as a row, zeros after its end, and the lengths in bytes (0: null)."""
    texts = texts.cast(pa.large_string())
    _, offsets_buffer, data_buffer = texts.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    lengths = np.where(texts.is_valid().to_numpy(zero_copy_only=False), np.diff(offsets), 0)
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer and data_buffer.size else np.zeros(1, np.uint8)
    positions = offsets[:-1, None] + np.arange(_WIDTH)
    glyphs = data[np.minimum(positions, len(data) - 1)]
    glyphs[np.arange(_WIDTH) >= lengths[:, None]] = 0
    return glyphs, lengths
