"""Articles as a news desk's index sees them, invented: `python benchmarks/articles.py 1000000 > articles.jsonl`.

Day after day of 20,000 articles, in order of time. A third of them are copies of a story that ran elsewhere before:
the same text, a few words or a paragraph changed, or its first paragraphs only, with what the outlet puts around it.
How often a story is copied follows a power law, up to 200 times; some stories come back on later days.
The same seed gives the same articles, however many of them are asked for.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import prose
import pyarrow as pa
import pyarrow.compute as pc
from prose import Places, Texts

DAY = 20_000
_OUTLETS = 400
_LEAST_WORDS, _MOST_WORDS = 46, 1_250
_LARGEST, _POWER = 200, 2.2
_COPIES = 1 / 3
_LATE = 0.01  # of a day's articles are copies of stories of days before
_KEPT = 256  # stories that may come back
_EXACT, _EDITED = 0.35, 0.35  # of the copies; the rest is cut
_FIRST_DAY = 1_777_593_600  # 2026-05-01, in seconds

# story: number of the story, the same for its copies. published: ISO 8601.
SCHEMA = pa.schema(
    [(name, pa.large_string()) for name in ("id", "url", "outlet", "title", "published", "text")]
    + [("story", pa.int64())]
)


class _Furniture(NamedTuple):
    """Paragraphs that outlets repeat: that of outlet o before a text, and the one after it."""

    texts: Texts  # of all outlets what goes before, then what goes after
    rate: npt.NDArray[np.float64]


class _Stories(NamedTuple):
    """Texts that may be copied. datelines: -1 where there is none."""

    number: Places
    texts: Texts
    titles: pa.LargeStringArray
    datelines: Places

    def take(self, places: Places) -> _Stories:
        return _Stories(
            self.number[places],
            self.texts.take(places),
            self.titles.take(pa.array(places)),
            self.datelines[places],
        )

    def followed_by(self, more: _Stories) -> _Stories:
        return _Stories(
            np.append(self.number, more.number),
            self.texts.followed_by(more.texts),
            pa.concat_arrays([self.titles, more.titles]),
            np.append(self.datelines, more.datelines),
        )


def batches(count: int, seed: int = 1, day: int = DAY, script: str = prose.LATIN) -> Iterator[pa.RecordBatch]:
    """count articles (SCHEMA), a batch a day. day: articles of a day, 200 at least. script: of prose.SCRIPTS."""
    furniture = _furniture(seed)
    older: _Stories | None = None
    next_story = 0
    for number, done in enumerate(range(0, count, day)):
        chance = prose.random("day", seed, number)
        sizes = _sizes(day - (int(_LATE * day) if older else 0), chance)
        fresh = _stories(len(sizes), next_story, chance, script)
        next_story += len(sizes)
        known = fresh.followed_by(older) if older else fresh
        of = np.repeat(np.arange(len(sizes)), sizes)
        of = np.append(of, chance.integers(len(sizes), len(known.number), day - len(of)))
        first = np.zeros(day, np.bool_)
        first[np.cumsum(sizes) - sizes] = True
        batch = _published(known, of, first, furniture, number, done, chance, script)
        yield batch.slice(0, min(day, count - done))
        kept = chance.choice(np.flatnonzero(sizes > 1), min(_KEPT // 4, int((sizes > 1).sum())), replace=False)
        stay = fresh.take(kept)
        if older:
            stay = stay.followed_by(older.take(np.arange(min(len(older.number), _KEPT - len(kept)))))
        older = stay


def articles(count: int, seed: int = 1, day: int = DAY) -> Iterator[dict[str, Any]]:
    """count articles as dictionaries, with the field story."""
    for batch in batches(count, seed, day):
        yield from batch.to_pylist()


def write_jsonl(batch: pa.RecordBatch, file: BinaryIO) -> None:
    """Write articles (SCHEMA) as JSONL, without the field story. No text here needs more escaping than line breaks."""
    parts: list[Any] = []
    for name in batch.schema.names[:-1]:
        parts += [f'", "{name}": "', pc.replace_substring(batch[name], "\n", "\\n") if name == "text" else batch[name]]
    lines = prose.joined('{"id": "', *parts[1:], '"}\n')
    _, offsets, data = lines.buffers()
    file.write(memoryview(data)[: int(np.frombuffer(offsets, np.int64)[lines.offset + len(lines)])])


def _furniture(seed: int) -> _Furniture:
    chance = prose.random("furniture", seed)
    lengths = np.concatenate([chance.integers(12, 26, _OUTLETS), chance.integers(18, 70, _OUTLETS)])
    rate = chance.choice([0.0, 0.3, 0.9], _OUTLETS, p=[0.6, 0.2, 0.2])
    return _Furniture(prose.texts(lengths, chance, (4, 10), 0), rate)


def _sizes(day: int, chance: np.random.Generator) -> Places:
    """Articles of each story of a day; their sum is day."""
    sizes = np.arange(2, _LARGEST + 1)
    weights = sizes**-_POWER
    weights /= weights.sum()
    # So many stories are copied that the copies are their part of all articles.
    copied = _COPIES / (1 - _COPIES) / ((sizes * weights).sum() - 1)
    drawn = np.where(chance.random(day) < copied, chance.choice(sizes, day, p=weights), 1)
    until = np.cumsum(drawn)
    last = int(np.searchsorted(until, day))
    drawn = drawn[: last + 1]
    drawn[last] -= until[last] - day
    return drawn


def _stories(count: int, first: int, chance: np.random.Generator, script: str) -> _Stories:
    lengths = np.clip(chance.lognormal(np.log(318), 0.6, count), _LEAST_WORDS, _MOST_WORDS).astype(np.int64)
    texts = prose.texts(lengths, chance)
    datelines = np.where(chance.random(count) < 0.4, chance.integers(0, prose.DATELINES, count), -1)
    return _Stories(np.arange(first, first + count), texts, prose.titles(count, chance, script), datelines)


def _published(
    stories: _Stories,
    of: Places,
    first: npt.NDArray[np.bool_],
    furniture: _Furniture,
    day: int,
    done: int,
    chance: np.random.Generator,
    script: str,
) -> pa.RecordBatch:
    """The articles of one day, in order of time. of: the place of each one's story; first: whether it is the first."""
    count = len(of)
    time = _times(of, first, chance)
    order = np.argsort(time, kind="stable")
    of, first, time = of[order], first[order], time[order]
    outlet = (chance.zipf(1.4, count) + chance.integers(0, 40, count)) % _OUTLETS
    texts = _laid_out(stories, of, first, outlet, furniture, chance)
    headline = np.where(first | (chance.random(count) < 0.5), of, len(stories.number) + np.arange(count))
    title = pa.concat_arrays([stories.titles, prose.titles(count, chance, script)]).take(pa.array(headline))
    name = prose.joined("outlet", pa.array(outlet), ".example")
    at = pa.array(_FIRST_DAY + 86_400 * day + time, pa.timestamp("s"))
    named = pc.utf8_lpad(pa.array(done + np.arange(count)).cast(pa.large_string()), 8, "0")
    slug = pc.replace_substring(pc.replace_substring(pc.utf8_lower(title), ",", ""), " ", "-")
    url = prose.joined("https://", name, "/2026/", slug, "-", named)
    published = pc.strftime(at, "%Y-%m-%dT%H:%M:%SZ").cast(pa.large_string())
    columns = [named, url, name, title, published, prose.write(texts, script), pa.array(stories.number[of])]
    return pa.record_batch(columns, schema=SCHEMA)


def _times(of: Places, first: npt.NDArray[np.bool_], chance: np.random.Generator) -> Places:
    """Seconds of the day: a story's first article, then its copies within some hours."""
    begun = chance.integers(0, 80_000, int(of.max()) + 1)
    after = chance.exponential(7_000, len(of)).astype(np.int64) + 60
    return np.minimum(begun[of] + np.where(first, 0, after), 86_399)


def _laid_out(
    stories: _Stories,
    of: Places,
    first: npt.NDArray[np.bool_],
    outlet: Places,
    furniture: _Furniture,
    chance: np.random.Generator,
) -> Texts:
    """The articles: furniture, dateline, the text or what is left of it, furniture."""
    count = len(of)
    kind = np.where(first, 0.0, chance.random(count))
    edited, cut = (kind >= _EXACT) & (kind < _EXACT + _EDITED), kind >= _EXACT + _EDITED
    # Paragraphs of all stories, numbered through; those of story s begin with number below[s].
    paragraph_ends = np.flatnonzero(prose.is_paragraph_end(stories.texts.tokens)) + 1
    paragraph_starts = np.append(0, paragraph_ends[:-1])
    below = np.searchsorted(paragraph_ends, stories.texts.starts, "right")
    paragraphs = np.diff(np.append(below, len(paragraph_ends)))[of]
    start = paragraph_starts[below[of]]
    kept = np.minimum(paragraphs, np.maximum(3, (paragraphs * chance.uniform(0.3, 0.8, count)).astype(np.int64)))
    end = np.where(cut, paragraph_ends[below[of] + kept - 1], stories.texts.ends[of])
    # A paragraph that is not the first one goes from some edited copies.
    dropped = below[of] + 1 + (chance.random(count) * (paragraphs - 1)).astype(np.int64)
    drops = edited & (paragraphs > 4) & (chance.random(count) < 0.3)
    dropped = np.where(drops, dropped, below[of])
    middle = np.where(drops, paragraph_starts[dropped], end)
    again = np.where(drops, paragraph_ends[dropped], end)

    pool = np.concatenate([stories.texts.tokens, furniture.texts.tokens, _DATELINES])
    boxes = len(stories.texts.tokens)
    datelines = boxes + len(furniture.texts.tokens)
    has_box = chance.random((2, count)) < furniture.rate[outlet] * [[0.5], [1.0]]
    dated = (stories.datelines[of] >= 0) & (first | (chance.random(count) < 0.6))
    before, after = boxes + furniture.texts.starts.reshape(2, -1)[:, outlet]
    starts = np.stack([before, datelines + np.maximum(stories.datelines[of], 0), start, again, after], 1)
    lengths = np.diff(furniture.texts.ends, prepend=0).reshape(2, -1)
    around = np.where(has_box, lengths[:, outlet], 0)
    lengths = np.stack([around[0], dated, middle - start, end - again, around[1]], 1)
    tokens = pool[prose.runs(starts.ravel(), lengths.ravel())]
    total = lengths.sum(1)
    ends = np.cumsum(total)
    edits = np.where(edited, 1 + (total * chance.uniform(0.003, 0.03, count)).astype(np.int64), 0)
    of_edit = np.repeat(np.arange(count), edits)
    places = (ends - total)[of_edit] + (chance.random(len(of_edit)) * total[of_edit]).astype(np.int64)
    prose.edit(tokens, np.unique(places), chance)
    return Texts(tokens, ends)


_DATELINES = np.arange(prose.EXTRA, prose.EXTRA + prose.DATELINES, dtype=np.uint32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int, help="how many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--script", choices=prose.SCRIPTS, default=prose.LATIN)
    parser.add_argument(
        "--gold",
        metavar="FILE",
        type=Path,
        default=Path(os.devnull),
        help="write id and story here, as TSV for `dedup evaluate`",
    )
    given = parser.parse_args()
    with given.gold.open("w") as gold:
        gold.write("id\tstory\n")
        for batch in batches(given.articles, given.seed, script=given.script):
            write_jsonl(batch, sys.stdout.buffer)
            pairs = zip(batch["id"].to_pylist(), batch["story"].to_pylist(), strict=True)
            gold.writelines(f"{named}\t{story}\n" for named, story in pairs)


if __name__ == "__main__":
    main()
