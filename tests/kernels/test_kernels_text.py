"""Tokens, shingle sets and digests of the kernels and of `dedup.stages.plain`, against the definition."""

from __future__ import annotations

import sys
import unicodedata

import numpy as np
import oracle
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import texts

from dedup.kernels import unicode
from dedup.model import Params
from dedup.stages import plain
from dedup.stages.shingle import ShingleSets, shingle


def sets_of(found: list[str], params: Params) -> ShingleSets:
    return shingle(
        pa.array([text.encode("utf-8", "replace") for text in found], pa.large_binary()).cast(pa.large_string()), params
    )


def as_dict(sets: ShingleSets, d: int) -> dict[int, bool]:
    hashes = sets.hashes[sets.ends[d] : sets.ends[d + 1]]
    bits = np.unpackbits(sets.marks[sets.mark_ends[d] : sets.mark_ends[d + 1]], bitorder="little")
    return {int(h): bool(b) for h, b in zip(hashes, bits, strict=False)}


@given(st.lists(texts, max_size=5), st.integers(1, 6), st.sampled_from([0, 7, 2**63]))
def test_shingle_sets_are_the_definitions(found: list[str], width: int, seed: int) -> None:
    found = [text.encode("utf-8", "replace").decode() for text in found]
    sets = sets_of(found, Params(shingle_words=width, hash_seed=seed))
    for d, text in enumerate(found):
        assert as_dict(sets, d) == oracle.shingle_set(text, width, seed), text
        assert sets.tokens[d] == len(oracle.tokens(text))


@given(texts)
def test_plain_tokens_are_the_definitions(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    words, quoted = plain.tokens(text)
    assert list(zip(words, quoted, strict=True)) == oracle.tokens(text)


@given(texts)
def test_a_plain_set_is_the_compiled_one(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    sets, one = sets_of([text], Params()), plain.shingle(text, Params())
    assert as_dict(sets, 0) == dict(zip(one.hashes.tolist(), one.narrative.tolist(), strict=True))
    assert sets.tokens[0] == one.tokens


def test_every_character_alone_and_between_letters_is_the_definitions() -> None:
    points = [p for p in range(sys.maxunicode + 1) if not 0xD800 <= p < 0xE000 and unicodedata.category(chr(p)) != "Cn"]
    lines = ["\n".join(f"{chr(p)} a{chr(p)}b" for p in points[i : i + 64]) for i in range(0, len(points), 64)]
    sets = sets_of(lines, Params(shingle_words=1))
    for d, line in enumerate(lines):
        words = [word for word, _ in oracle.tokens(line)]
        assert plain.tokens(line)[0] == words, ascii(line)
        hashes = sorted({oracle.hashed(word.encode()) for word in words})
        assert sets.hashes[sets.ends[d] : sets.ends[d + 1]].tolist() == hashes, ascii(line)


def test_folding_leaves_nothing_that_is_not_stable() -> None:
    for start in range(0, sys.maxunicode + 1, 4096):
        folded = unicode.fold("\n".join(chr(p) for p in range(start, start + 4096) if not 0xD800 <= p < 0xE000))
        entries = unicode.entries(np.frombuffer(folded.encode("utf-32-le"), np.uint32))
        assert not np.any(entries & unicode.UNSTABLE), hex(start)


@pytest.mark.parametrize(
    "changed", ["NATO\u2019s talks", "NATOs talks", "nato\u02bcs TALKS", "NA\u00adTO's \u200btalks"]
)
def test_an_apostrophe_a_soft_hyphen_and_case_change_no_token(changed: str) -> None:
    assert plain.tokens(changed)[0] == plain.tokens("NATO's talks")[0] == ["natos", "talks"]


def test_devanagari_words_stay_whole_and_han_characters_stand_alone() -> None:
    assert plain.tokens("ख़बर में \u0958लम")[0] == ["ख\u093cबर", "में", "क\u093cलम"]
    assert plain.tokens("東京の2都市")[0] == ["東", "京", "の", "2", "都", "市"]


def quoted_of(text: str) -> str:
    """The tokens of a text that are quoted."""
    words, flags = plain.tokens(text)
    return " ".join(word for word, flag in zip(words, flags, strict=True) if flag)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('he said "one two" three', "one two"),
        ("he said “one two” three", "one two"),
        ("er sagte „eins zwei“ drei", "eins zwei"),
        ("il dit « un deux » trois", "un deux"),
        ("彼は「一二」三", "一 二"),
        ("he said ‘one two’ three", "one two"),
        ("han sade ”ett två” tre", "ett två"),
        ("اس نے کہا، ”ایک دو“ تین", "ایک دو"),
        ("er sagte »eins zwei« drei", "eins zwei"),
        ("er sagte „eins zwei“ drei", "eins zwei"),
        ("他说“一二”三", "一 二"),
        ("the players’ union isn’t ‘t here", ""),
        ("“one two\nthree” four", "one two"),
        ("“one two\n“three” four", "one two three"),
        ("it is 5' tall and o’clock", ""),
        # Straight marks by the side on which they stand: one too many or too few turns nothing round.
        ('he said "one two. "Three four." and left', "one two three four"),
        ('a lost end" and he said "one two" there', "one two"),
        ("he said 'one two,' and 'three' there", "one two three"),
        ("rock 'n' roll in the '90s, the boys' way", "n"),
        # Speech of several paragraphs opens in each and is closed in the last.
        ("he left\n'One two.\n'Three four.'\nhe came", "one two three four"),
        ("he left\n'Twas the night\nhe came", ""),
        # A post under the name of who wrote it.
        ("he left\nOne two. — Ann Bell (@annbell) May 5\nhe came", "one two ann bell"),
        ("he left\nOne two.\n— Ann Bell (@annbell) May 5\nhe came", "one two ann bell"),
        ("Ann Bell (@annbell) wrote of it", ""),
    ],
)
def test_what_stands_between_marks_is_quoted(text: str, quoted: str) -> None:
    assert quoted_of(text) == quoted


HE_WROTE = "The mayor left at noon.\nOn the way out he wrote:\n"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (HE_WROTE + "The bridge is safe.\nHe came back.", "the bridge is safe"),
        (HE_WROTE + "I saw it.\nIt moved me.\nIt ended.\nWe left.\nThey came.", "i saw it it moved me we left"),
        (HE_WROTE + "Ich sah es.\nWir gingen.\nSie kamen.", "ich sah es wir gingen"),
        (HE_WROTE + "मैंने देखा।\nहम गए।\nवे आए।", "मैंने देखा हम गए"),
        # A colon in another script, and none but a label.
        ("市長は去った。\n彼は書いた：\n橋は安全だ。\n彼は帰った。", "橋 は 安 全 だ"),
        ("Ann Bell on bridges:\nThe bridge is safe.\nHe came back.", ""),
        (HE_WROTE + "word " * 201 + "\nHe came back.", ""),
    ],
)
def test_what_a_colon_introduces_is_quoted_as_long_as_it_speaks_of_itself(text: str, quoted: str) -> None:
    assert quoted_of(text) == quoted


HE_GAVE = "The mayor left at noon.\nOn the way out he gave out a statement:\n"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (HE_GAVE + "One.\nTwo.\nThree.\nFour.", "one two three"),
        (HE_GAVE + "One.\nTwo.\nI saw three.\nI saw four.\nFive.", "one two i saw three i saw four"),
        (HE_GAVE + "One “so called”.\nTwo.\nShe said “three”.\nFour.", "one so called two three"),
        (HE_GAVE + "“One.”\nTwo.\nThree.", "one"),
        (HE_GAVE + "One.\n" + "word " * 201 + "\nThree.", "one"),
        ("Der Rat tagte.\nDarauf gab er eine Erklärung ab:\nEins.\nZwei.", "eins zwei"),
        ("बैठक हुई।\nपार्टी का बयान:\nएक।\nदो।", "एक दो"),
        # What is said of a document long before the colon, or in another paragraph, introduces none.
        ("He left.\nA letter lay there, and of all that was in it she read to them this alone:\nOne.\nTwo.", "one"),
        ("He left.\nA letter lay there.\nShe said:\nOne.\nTwo.", "one"),
    ],
)
def test_a_document_that_a_colon_introduces_is_quoted_over_three_paragraphs(text: str, quoted: str) -> None:
    assert quoted_of(text) == quoted


SHE_LEFT = "The mayor left the bridge at noon on a Friday, \u201cas planned\u201d.\n"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (SHE_LEFT + "It is safe. I saw it! They came.", "as planned i saw it"),
        (SHE_LEFT + "I\u2019ve seen it. They came.", "as planned ive seen it"),
        (
            SHE_LEFT + "Is it ours? The bridge of 3.5 miles is our pride.",
            "as planned the bridge of 3 5 miles is our pride",
        ),
        (SHE_LEFT + "मैंने देखा। वे आए।", "as planned मैंने देखा"),
        # Neither a number, nor another language's word, nor a country.
        (SHE_LEFT + "Of WWI and I1 they knew. I͟ came i dag. US and EU left.", "as planned"),
        (SHE_LEFT + 'She said "I saw it" and left.', "as planned i saw it"),
        # An author's own account: it quotes nothing, or most of it is such.
        ("The mayor left the bridge at noon on a Friday. I saw it. They came.", ""),
        ("I left the bridge at noon on a Friday, \u201cas planned\u201d. We saw it. They came.", "as planned"),
    ],
)
def test_a_sentence_in_the_first_person_is_speech_unless_most_are(text: str, quoted: str) -> None:
    assert quoted_of(text) == quoted


def test_sets_do_not_depend_on_batches_or_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    found = [f"{i} {'ß½ word ' * (i % 7)} 日本 end {i * i}" for i in range(300)]
    whole = sets_of(found, Params())
    with ThreadPoolExecutor(4) as executor:
        column = pa.array(["x", *found], pa.large_string()).slice(1)
        threaded = shingle(column, Params(), executor)
    for name in ("hashes", "ends", "marks", "mark_ends", "tokens", "digests"):
        assert np.array_equal(getattr(whole, name), getattr(threaded, name)), name


def test_equal_tokens_give_equal_digests_and_others_do_not() -> None:
    sets = sets_of(["One, two!", "one TWO", "one two three", "", "..."], Params())
    assert np.array_equal(sets.digests[0], sets.digests[1])
    assert not np.array_equal(sets.digests[0], sets.digests[2])
    assert sets.tokens.tolist() == [2, 2, 3, 0, 0]


def test_a_text_of_many_shingles_is_sorted_as_a_short_one() -> None:
    text = " ".join(str(i * 7919 % 100_003) for i in range(40_000))
    assert as_dict(sets_of([text], Params()), 0) == oracle.shingle_set(text)


def test_a_tower_of_accents_takes_no_longer_than_a_text() -> None:
    towers = [base + "\u0301\u0316" * 200_000 for base in ("a", "\u0344", "")]
    assert as_dict(sets_of(towers, Params()), 0) == oracle.shingle_set("a" + "\u0301\u0316" * 15)
    assert [plain.shingle(tower, Params()).tokens for tower in towers] == [1, 1, 1]


def test_a_quoted_text_is_not_identical_to_one_that_is_not() -> None:
    sets = sets_of(["one two three", "“one two three”", '"One two three"'], Params())
    assert not np.array_equal(sets.digests[0], sets.digests[1])
    assert np.array_equal(sets.digests[1], sets.digests[2])


def test_the_table_is_the_one_that_its_script_builds() -> None:
    if unicodedata.unidata_version != "14.0.0":
        pytest.skip("the table is built with Unicode 14, which Python 3.11 has")
    from dedup.kernels.build_unicode import build

    for name, made, kept in zip(("pages", "entries", "classes"), build(), unicode.table(), strict=True):
        assert np.array_equal(made, kept), name
