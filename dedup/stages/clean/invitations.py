"""Recognise what an outlet says of itself below a story: follow us, subscribe, download the app, read this too.

Of pages `forms` knows such lines wherever they stand; here are those that a body may end with, so each pattern is
anchored at the start of a line, and asks for more than its first word.
"""

from __future__ import annotations

import re

from dedup.stages.clean.patterns import Pattern, has

MOST = 400  # characters of such a line

# In lower case: a line without any of them is none.
WORDS = (
    *("twitter", "facebook", "instagram", "youtube", "whatsapp", "telegram", "google news", "linkedin", "tiktok"),
    *("subscrib", "sign up", "download", "click here", "tap here", "latest news", "latest stories", "breaking news"),
    *("newsletter", "stay tuned", "stay updated", "stay connected", "read more", "also read", "read also"),
    *("read next", "see also", " tip?", "mail", "contact ", "our standards", "may not be pub"),
    *("जुड़ें", "फॉलो", "सब्सक्राइब", "डाउनलोड", "भी पढ़ें", "क्लिक"),
)
_PLACE = (
    r"(?:twitter|facebook|instagram|youtube|whatsapp|telegram|google(?:\snews)?|linkedin|tiktok|threads|bluesky|x"
    r"|social\smedia)\b"
)
_NEWS = r"(?:news|stories|updates|headlines|coverage)\b"
_INVITATION = Pattern(
    r"[\W_]{0,6}(?:"
    rf"(?:follow|like|join|find|connect\swith)\b(?!\sout\b)[^,]{{0,80}}\b(?:on|via|our)\s(?:\S+\s){{0,3}}?{_PLACE}"
    rf"|we\sare\s(?:now\s|also\s)?on\s{_PLACE}"
    r"|(?:you\scan\s(?:now\s|also\s)?)?subscribe\s(?:to|for|now|here|today)\b|sign\sup\s(?:to|for|here|now|today)\b"
    r"|download\s(?:the|our)\b.{0,60}\bapps?\b|(?:click|tap)\shere\b"
    rf"|(?:get|catch|read|track|check|see|watch)\s(?:out\s)?(?:all\s)?(?:the\s|our\s)?(?:latest|live|breaking|business|top)\b.{{0,60}}{_NEWS}"
    rf"|get\s.{{0,60}}\b(?:newsletters?|in(?:to)?\syour\sinbox)\b|stay\s(?:tuned|updated|connected)\b"
    rf"|for\s(?:all\s)?(?:the\s)?(?:more(?!\sthan\b)|latest|breaking|live)\b.{{0,80}}\b(?:follow|visit|subscribe|download|click|join|like|tune)\b"
    r"|(?:read\s(?:more|also|next)|also\sread|see\salso)\s?[:|–—-]|(?:have|got)\san?\s(?:\w+\s){0,2}tip\?"
    r"|(?:e-?mail|contact)\s.{0,80}\S@\S{2,60}\.\w|our\sstandards:|this\smaterial\smay\snot\sbe\spub"
    r"|(?:यह|ये|इसे)\sभी\sपढ़ें|.{0,120}(?:से\sजुड़ें|फॉलो\sकरें|सब्सक्राइब\sकरें|डाउनलोड\sकरें|यहां\sक्लिक\sकरें)"
    r")",
    re.I,
)


def is_invitation(line: str, low: str) -> bool:
    """Whether a line is one. low: the line in lower case."""
    return len(line) <= MOST and has(low, WORDS) and _INVITATION.match(line) is not None
