"""What a machine does, in the terminal: the figures of `dedup bench`, and beside those of an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.report.page import Column, Page
from dedup.report.text import many, percent, plain, size, when

if TYPE_CHECKING:
    from dedup.bench import Benchmark, Compared, Loop, Machine

NOISE = 0.05  # of a figure: what two runs of the same code differ by
PARTS = ("shingle", "signature", "anchors", "all")


def benchmark(page: Page, result: Benchmark) -> None:
    """The machine, then the hot loop, the pipeline, queries, single articles and memory."""
    _machine(page, result.machine)
    page.head("The hot loop")
    _loops(page, result.loops)
    pipeline = result.pipeline
    page.head("The pipeline")
    page.line(f"{many(pipeline.articles, 'article')} ({size(pipeline.bytes)} of text) from JSONL to stories, on disk")
    stages = [*pipeline.stages.items(), ("all", pipeline.seconds)]
    page.rows(
        [Column("stage"), Column("seconds", right=True), Column("share", right=True), Column("articles/s", right=True)],
        [
            (plain(name), f"{seconds:.2f}", percent(seconds / pipeline.seconds), _count(pipeline.articles / seconds))
            for name, seconds in stages
        ],
    )
    page.head("The index in use")
    queries, memory = result.queries, result.memory
    rows = {
        "queries": f"median {_ms(queries.p50_ms)} ms, p99 {_ms(queries.p99_ms)} ms; "
        f"{queries.found:,} of {queries.count:,} cut or edited articles found",
        "one more": f"median {_ms(result.singles.median_ms)} ms an article, durable, stories known "
        f"(of {result.singles.count:,})",
        "memory": f"{size(memory.peak)} at most, of this process",
        "disk": f"{_count(memory.index_per_article)} bytes an article",
    }
    for name, value in rows.items():
        page.line((f"{name:<11}", "dim"), value, hang=11)


def compared(page: Page, found: Compared) -> None:
    """A row a figure: before, now, now / before, and whether that is better by more than NOISE."""
    page.head(f"Beside the result of {when(found.when)} (dedup {plain(found.dedup)})")
    columns = [
        Column("figure"),
        Column("unit", "dim"),
        *(Column(head, right=True) for head in ("before", "now", "ratio")),
        Column(""),
    ]
    rows = [
        (plain(one.name), plain(one.unit), _figure(one.before), _figure(one.now), _ratio(one.ratio), _said(one.gain))
        for one in found.changes
    ]
    page.rows(columns, rows)


def warned(page: Page, found: Compared) -> None:
    """What else than dedup is another: figures of two machines tell little of the code."""
    if found.differs:
        page.line("dedup: not measured alike, so that ratios tell little of the code:", hang=2)
    for one in found.differs:
        page.line(f"dedup: {plain(one)}", hang=2)


def _machine(page: Page, machine: Machine) -> None:
    page.line(f"{plain(machine.processor)}, {many(machine.cores, 'core')}, {size(machine.memory)}", hang=2)
    versions = f"NumPy {machine.numpy}, Arrow {machine.arrow}, numba {machine.numba}, dedup {machine.dedup}"
    page.line(f"{plain(machine.system)}, Python {plain(machine.python)}, {plain(versions)}", hang=2)


def _loops(page: Page, loops: tuple[Loop, ...]) -> None:
    columns = [
        *(Column("script"), Column("threads", right=True), Column("part")),
        *(Column(head, right=True) for head in ("MB/s", "articles/s", "ns a shingle", "share")),
    ]
    rows = []
    for loop in loops:
        for name in PARTS:
            part = getattr(loop, name)
            first = (loop.script, str(loop.threads)) if name == PARTS[0] else ("", "")
            figures = (_count(part.mb_per_second), _count(part.articles_per_second), f"{part.ns_per_shingle:.1f}")
            rows.append((*first, name, *figures, percent(part.seconds / loop.all.seconds)))
    page.rows(columns, rows)


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _said(gain: float | None) -> str:
    if gain is None or abs(gain - 1) <= NOISE:
        return ""
    return "better" if gain > 1 else "worse"
