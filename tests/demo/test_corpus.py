"""The demo corpus is what its README says, and its labels are fair."""

from __future__ import annotations

import csv
import itertools
import json
import re
import unicodedata
from collections import Counter
from datetime import datetime
from functools import cache
from importlib.resources import files

from dedup import dates

DEMO = files("dedup").joinpath("demo")
ARTICLES = {
    row["id"]: row for row in map(json.loads, DEMO.joinpath("corpus.jsonl").read_text(encoding="utf-8").splitlines())
}
GOLD = {
    row["id"]: row
    for row in csv.DictReader(DEMO.joinpath("gold.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t")
}
RELATIONS = ("origin", "copy", "cut", "edited", "correction", "absorbed", "roundup", "quotes", "partial", "single")
SIZES = Counter(row["story"] for row in GOLD.values())
ENOUGH = 50  # shared shingles: well more than chance or furniture gives


def content(page: str) -> str:
    return str(ARTICLES[page]["text"])


def tokens(text: str) -> list[str]:
    """Near enough to the tokens of the README to judge the data, and apart from the code that it tests."""
    return re.findall(
        r"[\u3040-\u30ff\u4e00-\u9fff]|[^\W_\u3040-\u30ff\u4e00-\u9fff](?:[^\s\W]|[\u0900-\u0dff])*", text.lower()
    )


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = tokens(text)
    return frozenset(zip(*(words[i:] for i in range(5)), strict=False))


@cache
def whole(page: str) -> frozenset[tuple[str, ...]]:
    return shingles(content(page))


def narrative(page: str) -> frozenset[tuple[str, ...]]:
    """Shingles of what stands outside double quotation marks."""
    parts = re.split(r'"[^"\n]*"|“[^”\n]*”', content(page))
    return frozenset[tuple[str, ...]]().union(*map(shingles, parts))


def labelled(relation: str) -> list[str]:
    return [page for page, row in GOLD.items() if row["relation"] == relation]


def members(story: str) -> list[str]:
    return [page for page, row in GOLD.items() if row["story"] == story]


def origin(story: str) -> str:
    return next(page for page in members(story) if GOLD[page]["relation"] == "origin")


def moment(page: str) -> datetime:
    read = dates.parse(ARTICLES[page]["published"])
    assert read is not None
    return read[0]


def test_holds_as_many_pages_stories_and_outlets_as_promised() -> None:
    outlets = {article["outlet"] for article in ARTICLES.values()}
    assert (len(ARTICLES), sum(size > 1 for size in SIZES.values()), len(outlets)) == (153, 30, 22)


def test_every_page_has_an_id_and_an_address_of_its_own() -> None:
    lines = DEMO.joinpath("corpus.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(ARTICLES)
    assert len({article["url"] for article in ARTICLES.values()}) == len(ARTICLES)


def test_every_outlet_is_fictional() -> None:
    for article in ARTICLES.values():
        assert article["outlet"].endswith(".example")
        assert article["url"].startswith(f"https://{article['outlet']}/")


def test_addresses_in_pages_are_fictional_too() -> None:
    everything = "\n".join(map(content, ARTICLES))
    hosts = set(re.findall(r"https?://([^/\s\"<]+)", everything)) | set(
        re.findall(r"@([a-z0-9.-]+\.[a-z]+)", everything)
    )
    assert {host for host in hosts if not host.endswith(".example")} <= {"schema.org"}


def test_gold_labels_every_page_and_nothing_else() -> None:
    assert GOLD.keys() == ARTICLES.keys()
    assert {row["relation"] for row in GOLD.values()} == set(RELATIONS)


def test_every_story_has_one_origin_and_loners_have_none() -> None:
    for story, size in SIZES.items():
        relations = Counter(GOLD[page]["relation"] for page in members(story))
        assert relations["origin"] == (1 if size > 1 else 0)
    assert all(
        SIZES[GOLD[page]["story"]] == 1 for r in ("single", "quotes", "partial", "roundup") for page in labelled(r)
    )


def test_every_date_is_readable_and_of_2026() -> None:
    undated = {article["outlet"] for article in ARTICLES.values() if "published" not in article}
    assert undated == {"harbourpost.example", "westgatenews.example"}
    for article in ARTICLES.values():
        if "published" in article:
            read = dates.parse(article["published"])
            assert read is not None and read[0].year == 2026 and read[1] is not None


def test_the_origin_is_the_earliest_of_its_story() -> None:
    for story in (story for story, size in SIZES.items() if size > 1):
        dated = [page for page in members(story) if "published" in ARTICLES[page]]
        assert min(dated, key=moment) == origin(story)


def test_speaks_english_hindi_bengali_and_japanese() -> None:
    scripts: Counter[str] = Counter()
    for page in ARTICLES:
        letters = Counter(unicodedata.name(c, "").split()[0] for c in content(page) if c.isalpha())
        scripts["CJK" if letters["HIRAGANA"] > 20 else letters.most_common(1)[0][0]] += 1
    assert scripts["LATIN"] > 100
    assert scripts["DEVANAGARI"] >= 15
    assert scripts["BENGALI"] >= 5
    assert scripts["CJK"] >= 4
    assert len(scripts) == 4


def test_every_size_is_sane() -> None:
    assert len(DEMO.joinpath("corpus.jsonl").read_bytes()) < 700_000
    for page, article in ARTICLES.items():
        assert 100 < len(content(page)) < 8_000
        assert 8 < len(article["title"]) < 120


def test_members_of_a_story_carry_its_copy() -> None:
    for page, row in GOLD.items():
        if SIZES[row["story"]] > 1:
            assert len(whole(page) & whole(origin(row["story"]))) >= ENOUGH, page


def test_different_stories_share_no_copy() -> None:
    origins = [origin(story) for story, size in SIZES.items() if size > 1]
    for a, b in itertools.combinations(origins + labelled("single"), 2):
        if ARTICLES[a]["outlet"] != ARTICLES[b]["outlet"]:
            assert len(whole(a) & whole(b)) <= 0.05 * min(len(whole(a)), len(whole(b))), (a, b)


def test_reports_of_the_speech_share_its_quotations_alone() -> None:
    reports = [*labelled("quotes"), origin("water-speech")]
    assert len(reports) == 3
    for a, b in itertools.combinations(reports, 2):
        assert len(whole(a) & whole(b)) >= 100
        assert not narrative(a) & narrative(b)


def test_the_roundup_carries_two_stories_and_belongs_to_neither() -> None:
    (roundup,) = labelled("roundup")
    shares = {s: len(narrative(roundup) & narrative(origin(s))) for s, size in SIZES.items() if size > 1}
    assert {story for story, shared in shares.items() if shared >= ENOUGH} == {"ferry-fire", "rail-merger"}


def test_partial_reuse_stays_under_half_of_the_shorter() -> None:
    sources = {"cane-leopards": "leopard-count", "quake-explainer": "quake-ardesh"}
    assert {GOLD[page]["story"] for page in labelled("partial")} == sources.keys()
    for page in labelled("partial"):
        source = origin(sources[GOLD[page]["story"]])
        shared = len(narrative(page) & narrative(source))
        assert ENOUGH <= shared < 0.4 * min(len(narrative(page)), len(narrative(source)))


def test_standing_boxes_stand_on_every_page_of_their_outlet() -> None:
    for outlet in ("quillandmast.example", "theorchardreview.example", "valleysentinel.example"):
        pages = [set(content(page).split("\n\n")) for page, article in ARTICLES.items() if article["outlet"] == outlet]
        box = set.intersection(*pages)
        assert len(pages) >= 4
        assert [40 <= len(paragraph.split()) <= 65 for paragraph in box] == [True]


def test_the_query_page_carries_a_story_and_is_not_in_the_corpus() -> None:
    query = DEMO.joinpath("page.txt").read_text(encoding="utf-8")
    copied = whole(origin("harbour-bridge"))
    assert "Open in App" in query
    assert len(shingles(query) & copied) > 0.9 * len(copied)
    assert query.strip() not in {content(page).strip() for page in ARTICLES}
