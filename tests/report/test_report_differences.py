"""What an outlet changed, as a reader would say it."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from dedup.report.differences import Difference, Op, Words, align, summarise

RIVER = [
    "The river authority opened two gates of the Marvani dam on Tuesday after a night of rain.",
    "Some 1,200 families were moved to schools in four districts, the authority said in a statement.",
    "Power was back in most of the towns by noon, and trains ran with delays of an hour.",
    "The gates had last been opened in the summer of 2019, when the lake rose by six metres.",
    "Officials expect the water to fall by the end of the week if no more rain comes.",
]

paragraphs = st.lists(st.text("ab c.", max_size=12), max_size=8)


def ops(differences: list[Difference]) -> list[str]:
    return [d.op.value for d in differences]


def text(differences: list[Difference], side: Op) -> list[str]:
    """Words of one side, without the space between them."""
    return [w for d in differences for run in d.words if run.op in (Op.same, side) for w in run.text.split()]


def test_equal_texts_have_only_same_paragraphs() -> None:
    assert ops(align(RIVER, RIVER)) == ["same"] * 5
    assert str(summarise(align(RIVER, RIVER))) == "nothing changed"


def test_cut_after_two_paragraphs_is_told_in_one_line() -> None:
    differences = align(RIVER, RIVER[:2])
    assert ops(differences) == ["same", "same", "cut", "cut", "cut"]
    assert str(summarise(differences)) == "cut 3 of 5 paragraphs"


def test_cut_changed_and_added_paragraphs_are_counted() -> None:
    theirs = ["Our reporter saw the gates open.", RIVER[0].replace("Tuesday", "Wednesday"), RIVER[1]]
    assert str(summarise(align(RIVER, theirs))) == "cut 3 of 5 paragraphs; changed 1; added 1"


def test_a_changed_word_stands_alone_between_its_neighbours() -> None:
    (difference,) = align(RIVER[:1], [RIVER[0].replace("on Tuesday", "on Wednesday")])
    assert difference.op is Op.changed
    assert difference.words == (
        Words(Op.same, "The river authority opened two gates of the Marvani dam on"),
        Words(Op.cut, "Tuesday"),
        Words(Op.added, "Wednesday"),
        Words(Op.same, "after a night of rain."),
    )


def test_case_and_marks_are_no_change() -> None:
    assert ops(align(["“Gates opened,” he said."], ['"GATES opened" he said'])) == ["same"]


def test_a_paragraph_put_first_is_moved_and_the_others_stay() -> None:
    differences = align(RIVER, [RIVER[3], *RIVER[:3], RIVER[4]])
    assert ops(differences) == ["moved", "same", "same", "same", "same"]


def test_two_paragraphs_joined_are_not_called_cut() -> None:
    differences = align(RIVER, [RIVER[0], RIVER[1] + " " + RIVER[2], *RIVER[3:]])
    assert ops(differences) == ["same"] * 4
    assert differences[1].a == (2, 3)


def test_one_paragraph_split_in_two_is_not_called_added() -> None:
    differences = align([RIVER[0] + " " + RIVER[1], RIVER[2]], RIVER[:3])
    assert ops(differences) == ["same", "same"]
    assert differences[0].b == (1, 2)


def test_a_cut_paragraph_stands_after_the_one_that_it_followed() -> None:
    assert ops(align(RIVER, [RIVER[0], RIVER[2], RIVER[4]])) == ["same", "cut", "same", "cut", "same"]


def test_scripts_without_spaces_are_compared_character_by_character() -> None:
    (difference,) = align(["大坝星期二开闸放水四个区的居民撤离"], ["大坝星期三开闸放水四个区的居民撤离"])
    assert [(run.op.value, run.text) for run in difference.words[1:3]] == [("cut", "二"), ("added", "三")]


def test_devanagari_words_stay_whole() -> None:
    (difference,) = align(["बांध के दो द्वार मंगलवार को खोले गए"], ["बांध के दो द्वार बुधवार को खोले गए"])
    assert [run.text for run in difference.words] == ["बांध के दो द्वार", "मंगलवार", "बुधवार", "को खोले गए"]


@given(paragraphs, paragraphs)
def test_every_paragraph_and_word_of_a_stands_in_one_difference(a: list[str], b: list[str]) -> None:
    differences = align(a, b)
    assert sorted(i for d in differences for i in d.a) == list(range(1, len(a) + 1))
    assert sorted(j for d in differences for j in d.b) == list(range(1, len(b) + 1))
    for d in differences:
        before = [w for run in d.words if run.op is Op.cut for w in run.text.split()]
        unchanged = [w for run in d.words if run.op is Op.same for w in run.text.split()]
        assert len(before) + len(unchanged) == sum(len(a[i - 1].split()) for i in d.a)


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.sampled_from("abcd"), max_size=30))
def test_words_of_b_are_the_same_and_added_ones_in_order(a: list[str], b: list[str]) -> None:
    differences = align([" ".join(a)], [" ".join(b)])
    assert text(differences, Op.added) == b
    assert text(differences, Op.cut) == a


@given(st.permutations(range(5)))
def test_paragraphs_in_any_order_are_same_or_moved_never_cut(order: list[int]) -> None:
    summary = summarise(align(RIVER, [RIVER[i] for i in order]))
    assert summary.same + summary.moved == 5
    assert summary.same >= 1


def test_hostile_texts_are_compared_in_bounded_time() -> None:
    hostile = [
        (["a b " * 20_000], ["b a a " * 14_000]),
        (["a b c"] * 8_000, ["a b d"] * 8_000),
        ([" ".join(f"w{i}" for i in range(25_000))], [" ".join(f"w{i + i % 2}" for i in range(25_000))]),
        (["x " * 29_000], ["y " * 29_000]),
        ([f"one two {i}" for i in range(9_000)], [f"one two {-i}" for i in range(9_000)]),
    ]
    started = time.perf_counter()
    for a, b in hostile:
        assert sum(len(d.a) for d in align(a, b)) == len(a)
    assert time.perf_counter() - started < 15


def test_long_texts_still_tell_the_paragraphs_that_were_cut() -> None:
    long = [f"Paragraph {i} " + "says the same many times over " * 20 for i in range(600)]
    assert summarise(align(long, long[:400])).cut == 200
