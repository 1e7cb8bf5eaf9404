"""When a story ran where: dots on a logarithmic axis of minutes after its first article.

Places along the axis are percentages, so that a chart is as wide as its page and its letters keep their size.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from dedup.model import Article, Relation, Story, StoryDetail
from dedup.report import text
from dedup.report.html.markup import EMPTY, Html, tag
from dedup.report.html.tables import filled
from dedup.report.text import after, log_share, many, minutes_between, plain
from dedup.report.variants import origin_of, title_of

MOST = 600  # dots of one chart
_TICKS = {
    1: "1 m",
    5: "5 m",
    15: "15 m",
    60: "1 h",
    360: "6 h",
    1440: "1 d",
    10080: "1 w",
    43200: "30 d",
    525600: "1 y",
}
_APART = 13.0  # per cent between two labels of the axis
_EDGE = 2.0  # per cent on either side, for whole dots
_HEIGHT, _FOOT, _TOP = 160, 22, 20


@dataclasses.dataclass(frozen=True, slots=True)
class Axis:
    """minutes: of its right end."""

    minutes: float

    def at(self, minutes: float) -> str:
        """A place as a percentage of the width."""
        return f"{_EDGE + (100 - 2 * _EDGE) * log_share(minutes, self.minutes):.2f}%"

    def ticks(self) -> list[tuple[str, str]]:
        """(place, label) of the round times, far enough from each other to be read."""
        shown: list[tuple[str, str]] = [(self.at(0), "0")]
        last = _EDGE
        for minutes, label in _TICKS.items():
            place = float(self.at(minutes)[:-1])
            if minutes <= self.minutes and place - last >= _APART and place <= 100 - _EDGE:
                shown.append((f"{place:.2f}%", label))
                last = place
        return shown


def spread(story: Story) -> Html:
    """A small bar: the time from a story's first article to its last, on a logarithmic scale up to 30 days."""
    reach = text.spread(story.first, story.last)
    if reach is None:
        return EMPTY
    said = f"spread {after(story.last, story.first)}"
    return tag("svg", *filled(reach), class_="spread", role="img", aria_label=said)


def pickups(detail: StoryDetail) -> Html:
    """The chart of one story: each article a dot, as high as how many had run it by then."""
    times = _times(detail)
    unknown = len(detail.members) - len(times)
    if len(times) < 2:
        return EMPTY
    axis = Axis(max(60.0, times[-1][0]))
    origin = origin_of(detail)
    step = (_HEIGHT - _FOOT - _TOP) / len(times)
    base = _HEIGHT - _FOOT
    steps, dots = [], []
    for k, (minutes, member) in enumerate(times, 1):
        x, y = axis.at(minutes), round(base - k * step, 1)
        end = axis.at(times[k][0]) if k < len(times) else "100%"
        steps.append(tag("line", x1=x, x2=end, y1=y, y2=y, class_="step"))
        if len(times) <= MOST or k % math.ceil(len(times) / MOST) == 0:
            dots.append(_dot(detail, origin, member, x, y))
    grid = _grid(axis, base)
    told = f"{many(len(times), 'article')} in {after(times[-1][1].published, times[0][1].published).lstrip('+')}"
    count = tag("text", f"{len(times):,}", x="100%", y=_TOP - 8, class_="count", text_anchor="end")
    chart = tag("svg", grid, *steps, *dots, count, class_="pickups", height=_HEIGHT, role="img", aria_label=told)
    said = "Articles over time since the first, minutes on a logarithmic scale"
    said += f"; {unknown:,} without a known time left out." if unknown else "."
    return tag("figure", chart, _legend([detail]), tag("figcaption", said), class_="chart")


def lanes(details: Sequence[StoryDetail], prefix: str = "#story-") -> Html:
    """The chart of several stories: a lane each, a dot an article; prefix: of a story's address, before its id."""
    known = [(detail, times) for detail in details if len(times := _times(detail)) > 1]
    if not known:
        return EMPTY
    axis = Axis(max(60.0, *(times[-1][0] for _, times in known)))
    items = []
    for detail, times in known:
        origin = origin_of(detail)
        some = times[:: math.ceil(len(times) / MOST)]
        dots = [_dot(detail, origin, member, axis.at(minutes), 9) for minutes, member in some]
        line = tag("line", x1=axis.at(0), x2=axis.at(times[-1][0]), y1=9, y2=9, class_="step")
        ticks = [tag("line", x1=x, x2=x, y1=0, y2=18, class_="grid") for x, _ in axis.ticks()]
        name = title_of(detail)
        told = f"{many(len(times), 'article')} in {after(detail.story.last, detail.story.first).lstrip('+')}"
        heading = tag("a", tag("bdi", name), href=f"{prefix}{detail.story.id}")
        strip = tag("svg", *ticks, line, *dots, class_="lane", height=18, role="img", aria_label=told)
        items.append(tag("li", heading, strip))
    labels = [_label(x, label, 14) for x, label in axis.ticks()]
    foot = tag("svg", *labels, class_="lane", height=20, aria_hidden="true")
    caption = tag("figcaption", "Articles after the first of their story, minutes on a logarithmic scale.")
    shown = _legend([detail for detail, _ in known])
    return tag("figure", tag("ol", *items), foot, shown, caption, class_="chart lanes")


def _times(detail: StoryDetail) -> list[tuple[float, Article]]:
    """(minutes after the first, article) of those whose time is known, in order of time."""
    first = next((member.published for member in detail.members if member.published), None)
    found = [(minutes_between(first, member.published), member) for member in detail.members]
    return sorted(((m, member) for m, member in found if m is not None), key=lambda pair: (pair[0], pair[1].id))


def _kind(origin: Article, member: Article) -> str:
    return "origin" if member is origin or member.relation is None else member.relation.value


def _dot(detail: StoryDetail, origin: Article, member: Article, x: str, y: float) -> Html:
    kind = _kind(origin, member)
    name = plain(member.outlet) or plain(member.id)
    title = f"{name}: {kind}" if kind == "origin" else f"{name}: {kind}, {after(member.published, origin.published)}"
    return tag("circle", tag("title", title), cx=x, cy=y, r=4.5, class_=f"dot {kind}")


def _grid(axis: Axis, base: float) -> Html:
    parts = []
    for x, label in axis.ticks():
        parts += [tag("line", x1=x, x2=x, y1=_TOP, y2=base, class_="grid"), _label(x, label, base + 16)]
    return Html("".join(parts))


def _label(x: str, label: str, y: float) -> Html:
    return tag("text", label, x=x, y=y, text_anchor="start" if label == "0" else "middle")


def _legend(details: Sequence[StoryDetail]) -> Html:
    there = {_kind(origin_of(detail), member) for detail in details for member in detail.members}
    kinds = [kind for kind in ("origin", *map(str, Relation)) if kind in there]
    return tag("ul", *(tag("li", tag("i", class_=f"dot {kind}"), kind) for kind in kinds), class_="legend")
