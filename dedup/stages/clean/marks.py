"""Recognise what an agency or outlet sets around a story: one line at a time.

Every pattern is anchored or bounded and meets short strings only: the first 160 characters of
a line, the last 400, or a line of at most 400.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.stages.clean import agencies
from dedup.stages.clean.invitations import is_invitation
from dedup.stages.clean.notices import is_notice, is_permission
from dedup.stages.clean.patterns import Pattern, has

HEAD, TAIL, SIGN = 160, 400, 120  # characters of a line that are looked at
_NAME = 60  # of a byline without a by

# What a line is trimmed of; the kernel's _space_after says the same in bytes.
WHITE = (
    "".join(map(chr, range(0x21))) + "\xa0" + "".join(map(chr, range(0x2000, 0x2010)))
    + "".join(map(chr, range(0x2028, 0x2030))) + "\u205f\u2060\u3000\ufeff"
)  # fmt: skip


def _names(name: str) -> str:
    return rf"(?:[Tt]he\s+)?{name}(?:\s*(?:[/,&+|-]|and|with|एवं|व|और)\s*(?:[Tt]he\s+)?{name}){{0,3}}"


_NAMES, _NAMES_IN_ANY_CASE = _names(agencies.NAME), _names(agencies.NAME_IN_ANY_CASE)
_MONTH = (
    r"(?:(?:Jan|Feb|Mar|Apr|Aug|Sept|Sep|Oct|Nov|Dec)(?:\.|[a-z]{2,7})?|May|June?\.?|July?\.?"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
    r"|जनवरी|फरवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर)"
)
# Hindi wires write days up to ten as words.
_DAY_NUMBER = r"(?:\d{1,2}(?:st|nd|rd|th)?|एक|दो|तीन|चार|पांच|पाँच|छह|सात|आठ|नौ|दस)"
_DATE = rf"(?:{_MONTH}\s?\d{{1,2}}(?:st|nd|rd|th)?|{_DAY_NUMBER}\s{_MONTH})(?:,?\s\d{{4}})?"
_DASH = r"(?:--+|[-–—―])"
_AFTER = rf"(?:{_DASH}|[:।|])"
_STARTS = r"(?=[\"'“‘«(\[]?[^\W\d_a-z])|(?=[\"'“‘«]?\d)"

# Words that begin a sentence, a label or a caption, not a place.
_NOT_PLACE = Pattern(
    r"(?:In|On|At|From|By|Since|Until|Till|After|Before|As|The(?! Hague\b)|A|An|It|This|That|But|And|For|With|To|Of"
    r"|When|While|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)(?:day)?\b|(?:FILE|WATCH|VIDEO|PHOTOS?|BREAKING|EXCLUSIVE|UPDATED?|NEW(?=\s?:)"
    r"|NOTE|EDITOR|EDITOR['’]S|LIVE|READ|MORE|ALSO|LISTEN|CORRECTION|OPINION|ANALYSIS|WARNING|REPORT|SEE|CLICK|IMAGE|MUST"
    r"|FACT|RELATED|SOURCE|Q|A)\b"
)
_WORD = r"[^\W\d_a-z][\w.'’`\u0900-\u0dff-]*"
_PLACE = (
    rf"{_WORD}(?:[\s/,]{{1,2}}(?:{_WORD}|de|la|el|of|al|del|do|da|du|upon|am|an|der)){{0,7}}"
    rf"(?:\s[(\[]{_WORD}(?:\s{_WORD})?[)\]])?"
)

# "New Delhi, Nov 3 (IANS)", "WASHINGTON (AP) —", "(Reuters) -", "Delhi [India], November 3 (ANI):"
_WITH_NAME = Pattern(
    rf"(?:(?P<place>{_PLACE})\s?(?P<date>[,.]\s?{_DATE})?(?P<before>\s?(?:{_DASH}|[:,]))?\s?)?"
    rf"[(\[（](?P<name>{_NAMES}|[A-Z][\w .&]{{1,20}})[)\]）](?P<sep>\s?{_AFTER})?\s*"
)
# Where the day is a word it reads as one of the place.
_DATED_PLACE = Pattern(rf",\s?{_DATE}$")
# "MOSCOW, June 3. /TASS/. "
_IN_SLASHES = Pattern(rf"(?P<place>{_PLACE}),\s?(?P<date>{_DATE})\.?\s?/(?P<name>{_NAMES})/\s?[.:]?\s*")
# "AFP - ", "PTI, New Delhi: "
_NAME_FIRST = Pattern(
    rf"(?P<name>{_NAMES})(?:,\s(?P<place>{_PLACE})(?:,\s?(?P<date>{_DATE}))?)?(?:\s(?:--|[-–—―])|:)\s+(?:{_STARTS})"
)
# "SRINAGAR, Aug 2 — ", "New Delhi, 20 Aug: ", "Moscow, May 28 The ..."
_WITH_DATE = Pattern(rf"(?P<place>{_PLACE}),\s?(?P<date>{_DATE})(?:\.?\s?{_AFTER}\s*|\.?\s+(?:{_STARTS}))")
# "WASHINGTON — ", "TOKYO, Japan --", "MUMBAI: "
_CAPITALS = Pattern(
    rf"(?P<place>[A-Z][A-Z.'’-]{{2,}}(?:[\s/,]{{1,2}}[A-Z][\w.'’-]*){{0,4}})(?:\s?(?:[–—―]|--)\s*|\s-\s|:\s)(?:{_STARTS})"
)
# 新华社北京5月28日电（记者…） and 【东京共同】
_HAN = Pattern(
    rf"(?:【(?P<box>[^【】]{{1,20}})】|(?P<wire>{agencies.ANY})(?P<place>[^，。 ]{{1,16}})[电電]"
    r"(?:\s*[（(][^（）()]{1,40}[)）])?)\s*"
)

_BY = Pattern(
    r"(?:(?:written|reported|posted|published|story|report|edited|compiled)\s+)?by\s*:?\s+(?P<who>\S.{1,140})$", re.I
)
_STAMP = Pattern(
    r"(?:(?:first |last |originally )?(?:updated?|published|posted|modified|created)(?:\s(?:on|at|by))?\s?[:|-]?"
    r"|date\s?:|अपडेट(?:ेड)?\s?:?|प्रकाशित\s?:?|(?:पब्लिश|अपडेट)\s?(?:डेट)?\s?:?)\s*(?P<when>\S.{3,70})$",
    re.I,
)
_STAMP_INSIDE = Pattern(
    r"[|,·•–—-]?\s*\b(?:last\s)?(?:updated?|published|posted|modified|अपडेट(?:ेड)?)(?:\son)?\s?:?\s*(?P<when>(?=[^|]{0,30}\d).{5,60})$",
    re.I,
)
_DAY = Pattern(rf"(?:{_DATE}|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}-\d\d-\d\d)")
_INITIAL = Pattern(r"(?:\b[A-Z]|Jr|p\.m|a\.m)\.$")
_DIGIT = Pattern(r"\d")
_ROLE = (
    r"(?:\s(?:News(?:\sAgency|\sService)?|Agency|Feeds?|Newswire|Wire|Staff|Writers?|Reporters?|Correspondents?|Bureau"
    r"|Sports|Business|Political|Medical|Science|National|Health|Entertainment|Racing|Football|Economics|Technology|Online"
    r"|Photographer|Desk|Reports?|Inputs?|Security|Diplomatic|Foreign|Legal|Economic)){0,3}"
)
_ALONE = Pattern(rf"{_NAMES}{_ROLE}")
_SOURCE = Pattern(rf"[(\[]?(?i:source|agency|via|स्रोत|सोर्स|एजेंसी)\s?:?\s?{_NAMES}{_ROLE}\.?[)\]]?\.?$")
_LABEL = Pattern(r"^[(\[]?(?:source|agency|via|स्रोत|सोर्स|एजेंसी)\s?:\s?", re.I)
_SEGMENT = Pattern(r"\s*(?:[|,/&()\[\]·•]|\s[-–—]\s|\b(?:and|with|for|of|via)\b)\s*")

# "--IANS ms/vd", "PTI KNR DIV", "(ANI)", "— PTI", "(AFP) jb/ks"
_INITIALS_LETTERS = 5
_INITIALS = r"(?:\s+[a-z]{1,5}(?:[/-][a-z]{1,5}){0,3}/?|(?:\s[A-Z]{2,4}){1,5})?"
_SIGN = Pattern(rf"(?:{_DASH}\s*)?[(\[]?\s*{_DASH}?\s*{_NAMES}\s*[)\]]?{_INITIALS}\s*[.।]?$")
# "(भाषा) अमित माधव": in Hindi the editors sign with their names.
_SIGN_HINDI = Pattern(rf"(?:{_DASH}\s*)?[(\[]\s*{_NAMES}\s*[)\]](?:\s[\u0900-\u097f]{{2,12}}){{1,4}}\s*।?$")
# "ms/vd", "एसकेपी/": what stands below a sign-off.
_EDITORS = Pattern(r"(?:[a-z]{1,5}|[\u0900-\u097f]{1,12})(?:[/-](?:[a-z]{1,5}|[\u0900-\u097f]{1,12}))*/?$")
_EDITORS_MOST = 30
_END = r"(?<=[.!?।۔。”\"’'…])"
_SIGN_AFTER = Pattern(
    rf"{_END}\s*(?:(?P<open>[(\[])\s*{_DASH}?|{_DASH})\s*{_NAMES}(?(open)\s*[)\]]){_INITIALS}\s*[.।]?$"
)
_SIGN_BARE = Pattern(rf"{_END}\s+{_NAMES}{_INITIALS}\s*[.।]?$")

# A whole note, end included: a paragraph may well begin with "With reports of ...".
_INPUTS = (
    r"(?:(?:(?:with|and|additional|agency|agencies['’]?|wire|news)\s(?:[^\s.]{1,20}\s){0,5}?)?inputs?(?:\s(?:from|by)\s.{2,120})?"
    r"|(?:with\s)?files\sfrom\s.{2,120}|(?:with\s)?additional\sreporting(?:\s(?:by|from)\s.{2,300})?|(?:with\s)?(?:news\s)?(?:agency|agencies|wire)\sreports"
    r"|with\s(?:news\s)?(?:agenc(?:y|ies)|wires?|wire\sservices)(?:\s(?:reports|feeds))?"
    rf"|{_NAMES_IN_ANY_CASE}\s(?:with|and)\s.{{0,40}}\binputs|.{{0,60}}(?:इनपुट|से प्राप्त).{{0,40}})"
)
_CONTRIBUTED_TO = (
    r"(?:contribut(?:ed|ing)\s(?:(?:reporting\s)?to\s(?:this|the)\s(?:\w+\s)?(?:report|story|article|post|piece|file|coverage"
    r"|blog|dispatch)\b|(?:reporting\s)?from\s(?-i:[A-Z])|reporting\b))"
)
_CONTRIBUTION = Pattern(
    rf"[(\[*—–-]*\s*(?:{_INPUTS}[)\]*.।\s]*|.{{1,300}}\b{_CONTRIBUTED_TO}.{{0,120}}|contribut(?:ing|ors?):\s.{{2,200}}"
    r"|contributors?\s(?-i:[A-Z]).{2,150}|contributing\sto\sthis\b.{2,300}"
    r"|(?:reporting|writing|editing)\sby\s.{2,300}|material\sfrom\s.{2,200}\bused\b.{0,60}"
    r"|this\s(?:story|report|article)\s(?:includes|contains|used|was\scompiled)\s(?:\w+\s){0,4}from\s.{2,120}"
    r"|this\s(?:story|article|report)\swas\s(?:reported|produced)\sby\s.{2,200})$",
    re.I,
)
_INPUTS_AFTER = Pattern(
    rf"\s*(?:[(\[]\s*{_INPUTS}\s*[)\]]|[—–-]+\s?(?:with\s)?inputs?\sfrom\s.{{2,120}}"
    r"|[(\[](?:reporting|editing|additional reporting|writing) by\s[^()\[\]]{2,350}[)\]]"
    rf"|{_END}\s+(?:(?:the\s)?{agencies.NAME_IN_ANY_CASE}(?:\s[\w.’',-]+){{0,12}}\scontributed\sto\sthis\s(?:report|story|article)"
    rf"|with\s(?:additional\s)?inputs?\sfrom\s.{{2,100}}|with\sagency\sinputs|contributing:\s.{{2,100}}"
    rf"|{_NAMES_IN_ANY_CASE}\swith\s.{{0,40}}inputs|(?:source|via|agency)\s?:\s?{_NAMES_IN_ANY_CASE}))\s*[.।]?$",
    re.I,
)
# A sentence's end before the note of who contributed; an abbreviation is none.
_BOUNDARY = Pattern(r"[^\W\d_]{5}[.!?][\"”’)]?(?=\s|[^\W\d_a-z])")
_REPORTED = Pattern(
    r"[^\W\d_][\w’'-]+(?:\sand\s[^\W\d_][\w’'-]+)?\s(?:reported|contributed|wrote)\sfrom\s[A-Z].{2,160}$"
)

_FEED = (
    r"(?:syndicat\w*|agency|agencies|wire|news|automated|rss)\W{0,2}\s?(?:news\s)?feeds?\b"
    r"|auto[- ]?(?:generated|published)|authored by (?:\S{1,20}\s){1,2}staff"
    r"|not been (?:edited|reviewed|modified|created)\b|without (?:any )?(?:modifications?|edit\w*|changes)\b"
    r"|(?:published|sourced|taken|generated) (?:directly )?from (?:an?|the)?\s?(?:\S{1,20}\s){0,3}"
    r"(?:feed|agency|syndicat)"
    r"|सिंडिकेट|(?:न्यूज़?|समाचार)\s?(?:एजेंसी|फीड).{0,80}(?:प्रकाशित|ली गई|लिया गया|संपादित)|संपादित नहीं"
)
_THIS = (
    r"(?:disclaimer|except for (?:the|this)|only the (?:headline|picture)|(?:this|the) (?:above )?(?:story|report"
    r"|article|post|content|copy|news|is an?|has|text)|डिस्क्लेमर|अस्वीकरण"
    r"|यह (?:खबर|ख़बर|लेख|स्टोरी|समाचार)|इस (?:खबर|ख़बर|लेख|स्टोरी))"
)
_DISCLAIMER = Pattern(
    rf"[(\[*\"“]*\s*(?:{_THIS})(?=.{{0,260}}(?:{_FEED}))|(?:disclaimer|डिस्क्लेमर|अस्वीकरण)\s?[:ः–-]", re.I
)
_DISCLAIMER_AFTER = Pattern(rf"(?<=[.!?।۔”\"’')\]])\s*[(\[*]*\s*(?:{_THIS})(?=.{{0,260}}(?:{_FEED})).{{10,390}}$", re.I)
_COPYRIGHT = Pattern(
    rf"[(\[*]*\s*(?:copyright\b|©|\(c\)\s|\d{{4}}\s.{{2,40}}\bL\.?P\.?$|distributed by {agencies.NAME_IN_ANY_CASE})"
    r"|.{0,250}\ball rights reserved\b",
    re.I,
)
_COPYRIGHT_AFTER = Pattern(rf"{_END}\s+(?:copyright\s|©|\(c\)\s|\d{{4}}\sBloomberg\sL\.?P)[^\n]{{2,250}}$", re.I)
_CONTRIBUTED = Pattern(rf"\b{_CONTRIBUTED_TO}[^\n]{{0,120}}$", re.I)
# In lower case; a line without any of them is spared the patterns.
_FEED_WORDS = (
    *("feed", "disclaimer", "auto", "not been", "without", "agenc", "syndicat"),
    *("सिंडिकेट", "संपादित", "डिस्क्लेमर", "अस्वीकरण", "एजेंसी"),
)
_COPYRIGHT_WORDS = ("copyright", "©", "(c)", "rights reserved", " l.p", " lp", "distributed by")
_NOTE_WORDS = (
    *("input", "files from", "contribut", "ing by", "agenc", "wire", "material from", "reported by", "produced by"),
    *("compiled", "story includes", "report includes", "article includes", "source", "via", "इनपुट", "प्राप्त"),
)
_OPENING, _HAN_WORDS = ("(", "[", "（"), ("【", "电", "電")
_RULE = Pattern(r"[\W_]*$")


@dataclass(slots=True)
class Mark:
    """What one line, or an end of it, says.

    place: one of agencies.PLACES, or "" for a mark that names no place of a credit. start, end:
    the part of the line that remains. unnamed: an agency is meant and not named.
    """

    place: str
    start: int
    end: int
    agencies: tuple[str, ...]
    text: str = ""
    when: str = ""
    unnamed: bool = False


def dateline(line: str, *, first: bool) -> Mark | None:
    """Place, date and agency that open a story; first: nothing of the story stands before it.

    A place in capitals without date or agency counts only there: later it is a subhead.
    """
    head = line[:HEAD]
    mark = _with_name(line, head, first) or _with_place(line, head, first) or _with_han(line, head)
    return None if mark and _NOT_PLACE.match(head) else mark


def _with_name(line: str, head: str, first: bool) -> Mark | None:
    if "/" in head and (m := _IN_SLASHES.match(head)) and m.end() < len(line):
        return Mark(
            "dateline", m.end(), len(line), agencies.named(m["name"], strict=True), f"{m['place']}, {m['date']}"
        )
    if (
        first
        and head[0].isascii()
        and not head[1:2].islower()
        and (m := _NAME_FIRST.match(head))
        and m.end() < len(line)
    ):
        place = ", ".join(part for part in (m["place"], m["date"]) if part)
        return Mark("dateline", m.end(), len(line), agencies.named(m["name"], strict=True), place)
    if not has(head, _OPENING) or not (m := _WITH_NAME.match(head)) or m.end() == len(line):
        return None
    place, date = m["place"] or "", m["date"] or ""
    sep, set_off = m["sep"], m["sep"] or m["before"]
    names = agencies.named(m["name"], strict=True)
    if (names and (set_off or date or _DATED_PLACE.search(place))) or ((names or sep) and _is_shouted(place)):
        return Mark("dateline", m.end(), len(line), names, (place + date).strip(" ,"))
    return None


def _is_shouted(place: str) -> bool:
    """Whether the first word of a place is in capitals."""
    return len(place) > 2 and re.split(r"[\s,/]", place, maxsplit=1)[0].isupper()


def _with_place(line: str, head: str, first: bool) -> Mark | None:
    if "," in head and (m := _WITH_DATE.match(head)) and m.end() < len(line):
        return Mark("dateline", m.end(), len(line), (), f"{m['place']}, {m['date']}")
    if first and not head[1:2].islower() and (m := _CAPITALS.match(head)) and m.end() < len(line):
        return Mark("dateline", m.end(), len(line), (), m["place"])
    return None


def _with_han(line: str, head: str) -> Mark | None:
    if has(head, _HAN_WORDS) and (m := _HAN.match(head)) and m.end() < len(line):
        names = agencies.within(m["box"]) if m["box"] else (agencies.FORMS[m["wire"]][0],)
        if names:
            return Mark("dateline", m.end(), len(line), names, m["place"] or "")
    return None


def byline(line: str) -> Mark | None:  # noqa: PLR0911
    """A line that names who wrote or updated the story, and when."""
    if len(line) > TAIL // 2:
        return None
    if m := _STAMP.match(line):
        when = m["when"].strip(" |,")
        if _DAY.search(when) and len(when) <= 70:
            return Mark("", 0, 0, (), when=when)
        if not _BY.match(line):
            return None
    if line[-1:] in ".!?।" and not _INITIAL.search(line, max(0, len(line) - 4)):
        return None
    when, who = "", line
    if _DIGIT.search(line):
        if m := _STAMP_INSIDE.search(line):
            who, when = line[: m.start()], m["when"]
        elif (m := _DAY.search(line)) and m.start() > 0:
            who, when = line[: m.start()], line[m.start() :]
    who = who.strip(" |,·•–—-:")
    m = _BY.match(who)
    name = m["who"].strip() if m else who
    if not m and len(name) > _NAME:
        return None
    names = _agencies(name)
    if m and (not name or not (name[0].isupper() or not name[0].isascii()) or len(name.split()) > 14):
        return None
    if not m and not (names and (when or _ALONE.fullmatch(name) or _SOURCE.match(name))):
        parts = name.split("|")
        if not agencies.seen(name) or not any(_ALONE.fullmatch(part.strip()) for part in parts[:8] if len(parts) > 1):
            return None
    return Mark("byline", 0, 0, names, _LABEL.sub("", name), when)


def time(line: str) -> str:
    """What a line says from its first day on; "" where it has none."""
    m = _DAY.search(line)
    return re.split("[·•|]", line[m.start() :], maxsplit=1)[0].strip() if m else ""


def _agencies(who: str) -> tuple[str, ...]:
    """Agencies among the names of a byline: each must be a whole part of it ("By AP", not "By AP Dhillon")."""
    found: list[str] = []
    if not agencies.seen(who):
        return ()
    for part in _SEGMENT.split(who):
        if (m := _ALONE.fullmatch(part.strip())) or (m := _SOURCE.match(part.strip())):
            found += agencies.named(m[0], strict=True)
    return tuple(dict.fromkeys(found))


def ending(line: str) -> Mark | None:  # noqa: PLR0911
    """A line after the story that is no part of it: sign-off, contribution, disclaimer, copyright, a rule."""
    if is_rule(line):
        return Mark("", 0, 0, ())
    if len(line) > 2 * TAIL:
        return None
    if len(line) <= SIGN and (
        _SIGN.match(line) or _SIGN_HINDI.match(line) or _SOURCE.match(line) or _ALONE.fullmatch(line)
    ):
        return Mark("signoff", 0, 0, agencies.named(line, strict=True))
    low = line.lower()
    if is_notice(line, low) or is_invitation(line, low):
        return Mark("", 0, 0, ())
    if is_permission(line, low):
        return Mark("copyright", 0, 0, agencies.named(line, strict=True))
    if has(low, _FEED_WORDS) and _DISCLAIMER.match(line):
        return Mark("disclaimer", 0, 0, agencies.named(line, strict=False), unnamed=True)
    if has(low, _COPYRIGHT_WORDS) and _COPYRIGHT.match(line):
        place = "contribution" if "contributed" in low else "copyright"
        return Mark(place, 0, 0, agencies.named(line, strict=True))
    if len(line) <= TAIL and (
        (has(low, _NOTE_WORDS) and _CONTRIBUTION.match(line)) or ("from" in line and _REPORTED.match(line))
    ):
        return Mark("contribution", 0, 0, agencies.named(line, strict=True))
    return None


def closing(line: str, *, first: bool, last: bool) -> Mark | None:
    """The same set at the end of a paragraph.

    first: the article begins with this line, where "(PTI)" is of a caption. last: the story
    ends with it, so that a bare name counts too.
    """
    base = max(0, len(line) - TAIL)
    tail = line[base:]
    low = tail.lower()
    if has(low, _FEED_WORDS) and (m := _DISCLAIMER_AFTER.search(tail)):
        return Mark("disclaimer", 0, base + m.start(), agencies.named(m[0], strict=False), unnamed=True)
    if has(low, _NOTE_WORDS) and (m := _INPUTS_AFTER.search(tail)):
        return Mark("contribution", 0, base + m.start(), agencies.named(m[0], strict=True))
    if has(low, _COPYRIGHT_WORDS) and (m := _COPYRIGHT_AFTER.search(tail)):
        return Mark("copyright", 0, base + m.start(), agencies.named(m[0], strict=True))
    short = max(0, len(line) - SIGN)
    if (
        (last or not first)
        and _may_sign(line)
        and agencies.seen(line, short)
        and (m := _SIGN_AFTER.search(line, short) or (_SIGN_BARE.search(line, short) if last else None))
    ):
        return Mark("signoff", 0, m.start(), agencies.named(m[0], strict=True))
    if "contribut" in low and (m := _CONTRIBUTED.search(tail)):
        ends = [b.end() for b in _BOUNDARY.finditer(tail, 0, m.start())]
        if ends:
            return Mark("contribution", 0, base + ends[-1], agencies.named(tail[ends[-1] :], strict=True))
    return None


def _may_sign(line: str) -> bool:
    """Whether a line may end with a name, or initials behind one; most end with a quotation or a long word."""
    end = line.rstrip(" .।")
    if end[-1:] in "”\"’'!?…":
        return False
    word = end[end.rfind(" ") + 1 :]
    return len(word) <= _INITIALS_LETTERS or not (word.isalpha() and word.islower()) or word in agencies.LAST_WORDS


def is_editors(line: str) -> bool:
    """Whether a line, below a sign-off, is initials of editors."""
    return "/" in line and len(line) <= _EDITORS_MOST and _EDITORS.match(line) is not None


def is_rule(line: str) -> bool:
    """Whether a line holds no letter and no digit."""
    return len(line) <= HEAD and _RULE.match(line) is not None
