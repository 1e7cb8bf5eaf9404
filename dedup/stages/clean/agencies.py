"""Which agencies a short text names, and where a page may credit them.

A form stands alone: no letter, mark or number next to it, so that ANI is not found in
"ANIMAL" nor भाषा in "भाषाएं". Forms that are also words or names count in strict places only.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from dedup.stages.clean.patterns import Pattern, alternation

PLACES = ("byline", "dateline", "signoff", "contribution", "disclaimer", "copyright")  # in page order


def _load() -> tuple[dict[str, tuple[str, bool]], dict[str, str]]:
    """Form -> (agency, strict); host -> agency."""
    text = Path(__file__).with_name("agencies.toml").read_text("utf-8")
    forms: dict[str, tuple[str, bool]] = {}
    hosts: dict[str, str] = {}
    for agency in tomllib.loads(text)["agency"]:
        hosts.update((host, agency["name"]) for host in agency.get("hosts", ()))
        for strict in (False, True):
            for form in agency.get("strict" if strict else "forms", ()):
                forms[form] = (agency["name"], strict)
                if len(form) >= 4 and form.isascii():
                    forms[form.upper()] = (agency["name"], strict)
                    if not strict:
                        forms[form.title()] = forms[form.lower()] = (agency["name"], strict)
    return forms, hosts


FORMS, HOSTS = _load()
LAST_WORDS = frozenset(form.split()[-1] for form in FORMS)
_LETTER = r"\w\u0900-\u0dff"  # Indic vowel signs are marks, which \w leaves out


def _alone(any: str) -> str:
    return rf"(?<![{_LETTER}]){any}(?![{_LETTER}])"


ANY = alternation(FORMS)
NAME = _alone(ANY)
# Of patterns that ignore case: each form once, not once in capitals and once in small letters.
NAME_IN_ANY_CASE = _alone(alternation({form.lower() for form in FORMS}))
_STRICT = Pattern(NAME)
_SURE = Pattern(_alone(alternation(form for form, (_, strict) in FORMS.items() if not strict)))
_WITHIN = Pattern(ANY)


@functools.lru_cache(1 << 10)
def named(text: str, *, strict: bool) -> tuple[str, ...]:
    """Agencies that text names, in the order of the text, each once.

    strict: text is a place where only a credit stands, so the ambiguous forms count too.
    """
    found = (_STRICT if strict else _SURE).findall(text)
    return tuple(dict.fromkeys(FORMS[form][0] for form in found))


def seen(text: str, start: int = 0) -> bool:
    """Whether text names any agency from start on: where it does not, no pattern with NAME in it matches."""
    return _STRICT.search(text, start) is not None


def within(text: str) -> tuple[str, ...]:
    """Agencies whose forms occur anywhere in text, for scripts that set no space between words."""
    return tuple(dict.fromkeys(FORMS[form][0] for form in _WITHIN.findall(text)))


def ordered(pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """(agency, place) pairs by the order of places on a page, then by agency."""
    return list(pairs) if len(pairs) < 2 else sorted(pairs, key=lambda pair: (PLACES.index(pair[1]), pair[0]))
