"""What is printed, on a terminal of 80 columns and in a pipe."""

from __future__ import annotations

import dataclasses
import io
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import answers
import pytest
from rich.cells import cell_len

from dedup.errors import NotFound
from dedup.evaluate import evaluate
from dedup.labels import Labels, Pairs
from dedup.model import Body, Compacted, Credit, Damage, Info, Outlet, Params, Rejected, Relation
from dedup.report import changes, measures, terminal, turns
from dedup.report.page import Page

LONG = "the water of the lake behind the dam rose by six metres in a night " * 12
HOSTILE = "\x1b]0;owned\x07[bold]x[/bold] \u202egnp.exe\nnext :smile:"
Show = Callable[[Page], None]


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def piped(show: Show) -> str:
    file = io.StringIO()
    show(Page(file))
    return file.getvalue()


def on_terminal(show: Show, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    file = Terminal()
    show(Page(file))
    return file.getvalue()


def everything(text: str) -> list[Show]:
    """Each view with text wherever article text may stand."""
    name = "outlet-0042"
    other = answers.article(name, outlet=text, title=text, body=f"{text}\n{answers.BODY}", version=2)
    detail = answers.detail(other, title=text, agencies=(text,))
    body = Body(f"{text}\n{text}", text, text, text, (Credit(text, "byline"),), answers.DAWN, text, text)
    added = answers.added(read=9, added=8, rejected=1, rejects=(Rejected(text, 3, text, text),))
    broken = answers.checked(Damage(text, 2_000_000, 300), lost=(text,), unnamed=20_000)
    turned = [
        answers.change("merged", before=("s1", "s2", "s3"), story={"title": text}),
        answers.change("vanished", "s4", 0),
    ]
    held = Info(text, 1, 2, Params(), 3, 4, 5, 6, 7, 8, {text: 9})
    return [
        lambda page: terminal.stories(page, [answers.story(title=text, agencies=(text,))]),
        lambda page: changes.story(page, detail),
        lambda page: terminal.outlets(page, [Outlet(text, 10**6, 10**5, 0.5, 10**5, 10**5, 10**6, 0.5)]),
        lambda page: terminal.matches(page, [answers.match(title=text, outlet=text, passage=text)]),
        lambda page: changes.comparison(page, answers.comparison(text, f"new {text}", rule=text)),
        lambda page: terminal.body(page, body),
        lambda page: terminal.added(page, added),
        lambda page: terminal.rejected(page, added, Path("kept.jsonl")),
        lambda page: terminal.info(page, held),
        lambda page: turns.listing(page, turned),
        lambda page: terminal.checked(page, broken),
        lambda page: terminal.checked(page, dataclasses.replace(broken, repaired=True)),
        lambda page: terminal.warned(page, NotFound(what="article", id=text, path=text)),
        lambda page: terminal.compacted(page, Compacted(text, 9, 10**9, 60, 10**9, 10**15, 10**15, 10**5)),
        lambda page: measures.evaluation(page, evaluate({}, Pairs((text,), ("b",), (True,)))),
        lambda page: measures.mistakes(page, [answers.explained(text), answers.explained(text, known=False)]),
        lambda page: measures.tuning(page, answers.tuning()),
    ]


@pytest.mark.parametrize("text", [LONG, "水位一夜上涨六米" * 40, "x" * 300])
def test_every_view_fits_80_columns(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for show in everything(text):
        shown = re.sub(r"\x1b\[[\d;]*m", "", on_terminal(show, monkeypatch))
        assert max(cell_len(line) for line in shown.splitlines()) <= 80


def test_a_terminal_gets_colours_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def show(page: Page) -> None:
        changes.story(page, answers.detail(answers.article("b", body=answers.BODY[:70])))

    assert "\x1b[33m" in on_terminal(show, monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[\d;]*3[0-7]", on_terminal(show, monkeypatch))


def test_the_spread_of_a_story_is_a_bar_that_grows_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def cells(**span: float) -> int:
        found = [answers.story(last=answers.DAWN + timedelta(**span))]
        return sum(on_terminal(lambda page: terminal.stories(page, found), monkeypatch).count(c) for c in "█▉▊▋▌▍▎▏")

    assert "█" not in piped(lambda page: terminal.stories(page, [answers.story()]))
    assert 0 < cells(minutes=3) < cells(hours=3) < cells(days=3) < cells(days=30) == cells(days=300) == 6


def test_the_ledger_has_a_row_an_outlet() -> None:
    rows = [Outlet("a.example", 1200, 30, 0.5, 20, 10, 43.0, 0.9), Outlet(None, 1, 0, 0.0, 0, 0, None, None)]
    shown = piped(lambda page: terminal.outlets(page, rows)).splitlines()
    assert shown[1].split() == ["a.example", "1,200", "30", "50", "%", "20", "10", "+43", "m", "90", "%"]
    assert shown[2].split() == ["(unknown)", "1", "0", "0", "%", "0", "0", "-", "-"]
    assert piped(lambda page: terminal.outlets(page, [])) == "No outlet.\n"


def test_a_pipe_gets_whole_ids_and_headlines_and_no_codes() -> None:
    name, title = "outlet-" + "0" * 90, "Dam " + "gates " * 40 + "opened"
    shown = piped(lambda page: terminal.stories(page, [answers.story(name, title=title)]))
    assert name in shown
    assert title in shown
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2


def test_article_text_cannot_command_the_terminal_nor_the_markup() -> None:
    for show in everything(HOSTILE):
        shown = piped(show)
        assert not set(shown) & {"\x1b", "\x07", "\u202e"}
        if "owned" in shown:
            assert "]0;owned[bold]x[/bold] gnp.exe next :smile:" in shown


def test_ids_are_whole_on_a_terminal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "0123456789abcdef" * 2
    assert name in on_terminal(lambda page: terminal.stories(page, [answers.story(name)]), monkeypatch)


def test_a_story_tells_when_what_was_kept_and_whether_the_credit_was() -> None:
    late = answers.DAWN + timedelta(minutes=72)
    short = "\n".join(answers.BODY.split("\n")[:2])
    other = answers.article(
        "b", published=late, relation=Relation.excerpt, kept=0.41, credits=(), title="Gates open", body=short, version=2
    )
    shown = piped(lambda page: changes.story(page, answers.detail(other)))
    (row,) = [line for line in shown.splitlines() if "+1 h 12" in line]
    assert row.split() == ["+1", "h", "12", "b.example", "excerpt", "41", "%", "-2", "2", "dropped", "Gates", "open"]
    assert "cut 2 of 4 paragraphs" in shown
    assert "- ¶3–4 Power was back" in shown


def test_articles_that_share_a_passage_have_a_row_each_the_largest_share_first() -> None:
    partial = tuple(answers.match(id=f"m-{i}", containment=0.2 + i / 100) for i in range(12))
    detail = dataclasses.replace(answers.detail(answers.article("b")), partial=partial)
    shown = piped(lambda page: changes.story(page, detail)).partition("Shares a passage with\n")[2].splitlines()
    assert shown[1].split() == ["31", "%", "m.example", "m-11", "Dam", "gates", "opened"]
    assert len(shown) == 7
    assert shown[-1] == "and 7 more"


def test_an_article_without_an_outlet_is_named_once() -> None:
    alone = answers.article("b", outlet=None, body=answers.BODY[:70])
    detail = dataclasses.replace(answers.detail(alone), partial=(answers.match(outlet=None),))
    shown = piped(lambda page: changes.story(page, detail))
    assert "(b)" in shown.partition("Timeline")[2]
    assert "\nb\n" in shown.partition("What each outlet changed")[2]
    assert shown.count("m-1") == 1
    assert piped(lambda page: terminal.matches(page, [answers.match(outlet=None)])).count("m-1") == 1


def test_a_passage_that_several_matches_share_is_shown_once() -> None:
    shown = piped(lambda page: terminal.matches(page, [answers.match(), answers.match(id="m-2")]))
    assert shown.count("two gates of the Marvani dam") == 1
    assert "the same passage" in shown


def test_outlets_with_the_same_text_are_said_to_have_changed_nothing() -> None:
    shown = piped(lambda page: changes.story(page, answers.detail(answers.article("b"), answers.article("c"))))
    assert "nothing: b.example, c.example" in shown


def test_outlets_with_one_version_share_what_they_changed() -> None:
    cut = answers.BODY.split("\n")[0]
    shown = piped(lambda page: changes.story(page, answers.detail(*(answers.article(n, body=cut) for n in "bcd"))))
    assert shown.count("cut 3 of 4 paragraphs") == 1


def test_changed_words_are_marked_without_colour() -> None:
    other = answers.article("b", body=answers.BODY.replace("1,200", "1,450"))
    shown = piped(lambda page: changes.story(page, answers.detail(other)))
    assert "¶2 Some [-1,200-] {+1,450+} families were moved to schools in four districts." in shown


def test_versions_beyond_the_limit_are_counted() -> None:
    others = [answers.article(f"o{i}", body=f"{answers.BODY}\nAnd line {i}.") for i in range(5)]
    shown = piped(lambda page: changes.story(page, answers.detail(*others), limit=2))
    assert "and 3 more" in shown


def test_a_comparison_folds_what_is_the_same_and_what_was_cut() -> None:
    a = answers.BODY.split("\n")
    b = [a[0].replace("Tuesday", "Wednesday"), a[1]]
    shown = piped(lambda page: changes.comparison(page, answers.comparison("\n".join(a), "\n".join(b))))
    assert "same copy    yes\nwhy          90 % of the shorter narrative" in shown
    assert "on [-Tuesday.-] {+Wednesday.+}" in shown
    assert "- ¶3–4 Power was back" in shown
    assert "= ¶2 Some 1,200" in shown


def test_figures_against_stories_include_ari_and_bcubed_with_intervals() -> None:
    result = evaluate({"1": "A", "2": "A", "3": "B"}, Labels({"1": "s", "2": "s", "3": "s", "4": "t"}))
    shown = piped(lambda page: measures.evaluation(page, result))
    assert "F1 0.500 (" in shown
    assert "B-cubed" in shown
    assert "1 not in the index" in shown


def test_a_mistake_shows_its_articles_the_rule_and_what_differs() -> None:
    shown = piped(lambda page: measures.mistakes(page, [answers.explained("Rain"), answers.explained(known=False)]))
    joined, apart = shown.split("wrongly apart")
    assert joined.startswith("\nwrongly joined  a  b\n  A  Rain, x.example\n")
    assert "90 % of the shorter narrative" in joined
    assert "joined through other articles" not in joined
    assert "{+" in joined
    assert "not in the index" in apart


def test_a_pair_that_only_others_join_is_said_to_be() -> None:
    shown = piped(lambda page: measures.mistakes(page, [answers.explained("Rain", same_copy=False)]))
    assert "joined through other articles" in shown


def test_thresholds_are_drawn_and_the_best_is_named_with_its_plateau() -> None:
    shown = piped(lambda page: measures.tuning(page, answers.tuning()))
    drawn = {line[:9].strip(): line[37:] for line in shown.splitlines() if line.startswith("     0.")}
    assert len(drawn) == 19
    assert (drawn["0.10"].index("P"), drawn["0.10"].index("R")) == (20, 40)
    assert (drawn["0.90"].index("R"), drawn["0.90"].index("P")) == (0, 40)
    assert set(drawn["0.50"].strip()) == {"*"}
    assert "best         0.50: precision 1.000, recall 1.000, F1 1.000" in shown
    assert "plateau      0.41 to 0.60" in shown


def test_an_indexing_run_tells_the_commit_that_it_made() -> None:
    shown = piped(lambda page: terminal.added(page, answers.added(commit=7, articles=2300, stories=1)))
    assert shown.splitlines()[1] == "commit 7: the index holds 2,300 articles; 1 story of two or more"


def test_a_removal_tells_how_many_and_how_the_date_was_understood() -> None:
    assert piped(lambda page: terminal.removed(page, 1)) == "1 article removed\n"
    shown = piped(lambda page: terminal.removed(page, 2300, answers.DAWN))
    assert shown == "2,300 articles removed, published before 2024-05-28 05:15 +05:30\n"


def test_compacting_tells_what_was_dropped_and_the_space_that_came_back() -> None:
    done = Compacted("news", 8, 2300, 1, 17, 34_000_000, 2_100_000, 1.25)
    assert piped(lambda page: terminal.compacted(page, done)).splitlines() == [
        "commit 8: 2,300 articles in 1 segment, 17 dropped in 1.2 s",
        "34 MB before, 2.1 MB now",
    ]


def test_damage_is_told_with_what_rests_on_it_and_what_a_repair_would_drop() -> None:
    damaged = answers.checked(Damage("segments/1/links.arrow", 4096, 3), Damage("stories-7.arrow", 0), lost=("a", "b"))
    assert piped(lambda page: terminal.checked(page, dataclasses.replace(damaged, unnamed=1))).splitlines() == [
        "commit 7: 12 files, 34 MB read",
        "damaged  segments/1/links.arrow at byte 4,096 or after; 3 articles on it",
        "damaged  stories-7.arrow at byte 0 or after",
        "`dedup check --repair` would drop 3 articles (1 of them without an id that can be read)",
    ]


def test_a_repair_tells_how_much_is_to_be_indexed_again() -> None:
    repaired = answers.checked(Damage("segments/1/links.arrow", 0, 2), lost=("a", "b"), repaired=True)
    assert piped(lambda page: terminal.checked(page, repaired)).endswith("repaired  2 articles to index again\n")
    nothing = dataclasses.replace(repaired, lost=())
    assert piped(lambda page: terminal.checked(page, nothing)).endswith("repaired  no article was lost\n")


def test_nothing_found_is_said() -> None:
    assert piped(lambda page: terminal.stories(page, [])) == "No story.\n"
    assert piped(lambda page: turns.listing(page, [])) == "No story changed.\n"
    assert piped(lambda page: terminal.matches(page, [])) == "No article shares copy with it.\n"


def test_ten_thousand_stories_are_listed_within_two_seconds() -> None:
    listed = [answers.story(str(i)) for i in range(10_000)]
    started = time.perf_counter()
    assert len(piped(lambda page: terminal.stories(page, listed)).splitlines()) == 10_001
    assert time.perf_counter() - started < 2
