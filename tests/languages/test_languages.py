"""Copies are found and other reports are left alone in languages that spaces, letters and digits treat differently."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from reports import EVENTS

import dedup
from dedup.model import Relation

Edit = Callable[[str], str]

ZWNJ, ZWJ, ZWSP, RLM, SHY = "\u200c", "\u200d", "\u200b", "\u200f", "\u00ad"
NATIVE_ZERO = {"hindi": "०", "bengali": "০", "urdu": "۰", "tamil": "௦", "chinese": "０", "japanese": "０", "thai": "๐"}
NATIVE_ZERO["arabic"] = "٠"
# Letters with a nukta have code points of their own, which normalisation takes apart and never puts together.
NUKTA = {"\u0915\u093c": "\u0958", "\u091c\u093c": "\u095b", "\u092b\u093c": "\u095e"}
NUKTA |= {"\u09a1\u09bc": "\u09dc", "\u09af\u09bc": "\u09df"}


def replaced(pairs: dict[str, str]) -> Edit:
    def edit(text: str) -> str:
        for old, new in pairs.items():
            text = text.replace(old, new)
        return text

    return edit


def after(marks: str, what: str) -> Edit:
    return replaced({mark: mark + what for mark in marks})


def apart(text: str) -> str:
    return replaced({one: two for two, one in NUKTA.items()})(text)


def together(text: str) -> str:
    return replaced(NUKTA)(apart(text))


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" and char != "'" else char for char in text)


def half_width(text: str) -> str:
    """Katakana as old newswires set it, voicing marks apart."""
    narrow = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    voiced = {"\u3099": "\uff9e", "\u309a": "\uff9f"}
    parts = [unicodedata.normalize("NFD", char) if "ァ" <= char <= "ヶ" else char for char in text]
    return "".join(narrow.get(char, voiced.get(char, char)) for char in "".join(parts))


def presentation(text: str) -> str:
    """Arabic letters as the shapes that old systems store."""
    shapes = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFE80, 0xFEFD)}
    shapes |= {"\u06cc": "\ufbfc", "\u06a9": "\ufb8e", "\u06c1": "\ufba6"}
    return "".join(shapes.get(char, char) for char in text)


def native_digits(language: str) -> Edit:
    zero = ord(NATIVE_ZERO[language])
    ascii_, others = "0123456789", "".join(chr(zero + digit) for digit in range(10))
    return lambda text: text.translate(str.maketrans(ascii_ + "০১২৩৪৫৬৭৮৯", others + "0123456789"))


# What changes no token: the same text, as another system writes it.
SAME = [
    ("hindi", "apostrophe", replaced({"'": "\u2019"})),
    ("hindi", "letter apostrophe", replaced({"'": "\u02bc"})),
    ("bengali", "apostrophe", replaced({"'": "\u2019"})),
    ("hindi", "joiner", after("\u094d", ZWJ)),
    ("hindi", "non-joiner", after("\u094d", ZWNJ)),
    ("bengali", "non-joiner", after("\u09cd", ZWNJ)),
    ("tamil", "non-joiner", after("\u0bcd", ZWNJ)),
    ("urdu", "non-joiner", after("یہ", ZWNJ)),
    ("arabic", "mark of direction", after("،.»", RLM)),
    ("thai", "space without width", after("าีๆ", ZWSP)),
    ("chinese", "soft hyphen", after("的，", SHY)),
    ("japanese", "mark of byte order", lambda text: "\ufeff" + text),
    ("hindi", "nukta in the letter", together),
    ("bengali", "nukta in the letter", together),
    ("chinese", "full width", full_width),
    ("japanese", "full width", full_width),
    ("japanese", "half width", half_width),
    ("hindi", "full-width digits", full_width),
    ("urdu", "letters as shapes", presentation),
    ("arabic", "letters as shapes", presentation),
    ("tamil", "vowel signs apart", lambda text: unicodedata.normalize("NFD", text)),
    ("arabic", "hamza apart", lambda text: unicodedata.normalize("NFD", text)),
    ("hindi", "curly marks", replaced({' "': " “", '"': "”"})),
    ("bengali", "straight marks", replaced({"“": '"', "”": '"'})),
    ("urdu", "marks the other way round", replaced({"”": "“", "“": "”"})),
    ("chinese", "straight marks", replaced({"“": '"', "”": '"'})),
    ("arabic", "high marks", replaced({"«": "“", "»": "”"})),
    ("japanese", "ideographic spaces", replaced({"。": "。\u3000"})),
    ("tamil", "no-break spaces", replaced({" ": "\u00a0"})),
]
# What changes some tokens: the same copy all the same.
NEAR = [
    *(
        (language, "native digits", native_digits(language))
        for language in EVENTS
        if language not in ("chinese", "japanese")
    ),
    ("hindi", "nukta dropped", lambda text: apart(text).replace("\u093c", "")),
    ("arabic", "stretched", replaced({"مح": "مـح", "مي": "مـي"})),
    ("arabic", "vowels", replaced({"من": "مِنْ", "على": "عَلى"})),
    ("bengali", "apostrophe left out", replaced({"দু'শো": "দুইশো"})),
]
# What outlets do to any copy.
OUTLETS: dict[str, Callable[[str, str], str]] = {
    "headline": lambda text, headline: f"{headline}\n{text}",
    "cut": lambda text, _: "\n".join(text.split("\n")[:3]),
    "lead dropped": lambda text, _: "\n".join(text.split("\n")[1:]),
    "re-wrapped": lambda text, _: "\n".join(textwrap.fill(line, 48) for line in text.split("\n")),
    "in one line": lambda text, _: text.replace("\n", " "),
}


def named(cases: list[tuple[str, str, Edit]]) -> list[object]:
    return [pytest.param(language, edit, id=f"{language}: {name}") for language, name, edit in cases]


@pytest.mark.parametrize(("language", "edit"), named(SAME))
def test_another_way_to_write_the_same_letters_is_the_same_text(language: str, edit: Edit) -> None:
    copy = EVENTS[language].copy
    assert edit(copy) != copy
    compared = dedup.compare(copy, edit(copy), kind="text")
    assert (compared.relation, compared.containment) == (Relation.identical, 1.0)


@pytest.mark.parametrize(("language", "edit"), named(NEAR))
def test_other_digits_or_marks_make_no_other_story(language: str, edit: Edit) -> None:
    copy = EVENTS[language].copy
    compared = dedup.compare(copy, edit(copy), kind="text")
    assert compared.jaccard < 1
    assert compared.same_copy
    assert compared.containment > 0.6


@pytest.mark.parametrize("language", EVENTS)
def test_a_quotation_in_common_makes_no_copy(language: str) -> None:
    event = EVENTS[language]
    compared = dedup.compare(event.copy, event.other, kind="text")
    assert compared.similarity.a_in_b > 0.05  # the quotation is there
    assert compared.containment < 0.1
    assert not compared.same_copy


def test_copies_join_and_other_reports_stay_alone_in_one_index(tmp_path: Path) -> None:
    articles = {}
    for language, event in EVENTS.items():
        articles[f"{language}-other-0"] = event.other
        made = [event.copy, *(edit(event.copy, event.headline) for edit in OUTLETS.values())]
        made += [edit(event.copy) for other, _, edit in SAME + NEAR if other == language]
        articles.update((f"{language}-copy-{i}", text) for i, text in enumerate(made))
    index = dedup.Index.create(tmp_path / "index")
    index.add([{"id": named, "text": text} for named, text in articles.items()])
    found = [{member.id for member in index.story(story.id).members} for story in index.stories()]
    wanted = [{one for one in articles if one.startswith(f"{language}-copy-")} for language in EVENTS]
    assert sorted(map(sorted, found)) == sorted(map(sorted, wanted))
