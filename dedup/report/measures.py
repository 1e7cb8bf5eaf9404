"""How an index did against labels, in the terminal: figures, each mistake with its differences, thresholds drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dedup.report import changes
from dedup.report.page import Page
from dedup.report.text import many, plain

if TYPE_CHECKING:
    from dedup.evaluate import Evaluation, Explained
    from dedup.tune import Point, Tuning

EVERY = 5  # hundredths between two lines of the drawing
CELLS = 41  # of the drawing: a hundredth of precision and recall is less than half a cell


def evaluation(page: Page, result: Evaluation) -> None:
    """Figures with their intervals."""
    between = {name: f" ({low:.3f} to {high:.3f})" for name, (low, high) in result.intervals.items()}
    page.line(
        ("pairs        ", "dim"),
        f"precision {result.precision:.3f}, recall {result.recall:.3f}, ",
        (f"F1 {result.f1:.3f}", "bold"),
        between.get("f1", ""),
    )
    page.line(
        f"{result.true_positives:,} rightly joined, {result.false_positives:,} wrongly joined, "
        f"{result.false_negatives:,} wrongly apart",
        indent=13,
    )
    if result.bcubed is not None and result.ari is not None:
        b = result.bcubed
        said = f"precision {b.precision:.3f}, recall {b.recall:.3f}, F1 {b.f1:.3f}{between.get('bcubed_f1', '')}"
        page.line(("B-cubed      ", "dim"), said)
        page.line(("ARI          ", "dim"), f"{result.ari:.3f}{between.get('ari', '')}")
    page.line(("labels       ", "dim"), f"{many(result.articles, 'article')}, {len(result.missing):,} not in the index")
    if result.ambiguous:
        page.line(f"{many(result.ambiguous, 'pair')} left out: the readers disagree", indent=13)


def mistakes(page: Page, explained: Iterable[Explained]) -> None:
    """Each wrong pair: its articles, why it is the same copy or not, and what one has of the other."""
    for one in explained:
        page.gap()
        said = ("wrongly joined  ", "red") if one.mistake.joined else ("wrongly apart   ", "yellow")
        page.line(said, plain(one.mistake.a), "  ", plain(one.mistake.b), hang=16)
        for mark, outlet, title in zip("AB", one.outlets, one.titles, strict=True):
            named = ", ".join(filter(None, (plain(title), plain(outlet))))
            if named:
                page.line((f"{mark}  ", "dim"), named, indent=2, hang=3)
        compared = one.comparison
        if compared is None:
            page.line("not in the index", indent=2)
            continue
        page.line(plain(compared.rule), indent=2)
        if compared.same_copy != one.mistake.joined:
            others = "joined through other articles" if one.mistake.joined else "kept apart by other articles"
            page.line((others, "yellow"), indent=2)
        changes.summary(page, compared.a.paragraphs, compared.b.paragraphs)


def tuning(page: Page, found: Tuning) -> None:
    """Precision (P) and recall (R) by threshold, and which is best."""
    page.line(("threshold  precision  recall     F1  ", "dim"), (_scale(), "dim"))
    drawn = {EVERY * k for k in range(1, len(found.points) // EVERY + 1)}
    for hundredth, point in enumerate(found.points, 1):
        if hundredth in drawn:
            figures = f"{point.threshold:9.2f}  {point.precision:9.3f}  {point.recall:6.3f}  {point.f1:5.3f}  "
            low, high = found.plateau
            page.line((figures, "bold" if low <= point.threshold <= high else ""), _drawn(point))
    page.gap()
    low, high = found.plateau
    page.line(("best         ", "dim"), (f"{found.best.threshold:.2f}", "bold"), _said(found.best))
    page.line(("plateau      ", "dim"), f"{low:.2f} to {high:.2f}: F1 at most {found.tolerance} below the highest")
    page.line(("this index   ", "dim"), f"{found.current.threshold:.2f}", _said(found.current))
    left_out = f"; {many(found.missing, 'pair')} left out: not in the index" if found.missing else ""
    page.line(("labels       ", "dim"), f"{many(found.pairs, 'pair')}, {found.same:,} the same copy{left_out}")


def _said(point: Point) -> str:
    return f": precision {point.precision:.3f}, recall {point.recall:.3f}, F1 {point.f1:.3f}"


def _scale() -> str:
    quarter = (CELLS - 1) // 4
    return "".join(f"{mark:<{quarter}}" for mark in ("0", ".25", ".5", ".75")) + "1"


def _drawn(point: Point) -> str:
    cells = [" "] * CELLS
    cells[round((CELLS - 1) * point.recall)] = "R"
    at = round((CELLS - 1) * point.precision)
    cells[at] = "*" if cells[at] == "R" else "P"
    return "".join(cells).rstrip()
