"""Storms: what a pipeline meets when very many articles share something that makes no story of them, or one.

`python benchmarks/storm_articles.py paragraph 100000 > storm.jsonl`. Planted among the storm are pairs of an article
and its copy, which must be found all the same.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import prose
import pyarrow as pa
from articles import write_jsonl
from prose import Places, Texts

_CHUNK = 20_000
_FOOTERS = 36
SCHEMA = pa.schema([(name, pa.large_string()) for name in ("id", "outlet", "text")] + [("pair", pa.int64())])


@dataclasses.dataclass(frozen=True)
class Storm:
    """Articles of one kind, with planted pairs at random places among them.

    kind: paragraph: 200 words of their own and one paragraph of 120 words that all have, planted ones too; footer:
    nothing but the footer of one of 36 outlets, in half of them with figures that change; story: copies of one story
    of 300 words, exact ones, and such with one to six words changed, without a sentence, under a headline. count:
    articles of the storm; planted: pairs besides.
    """

    kind: str
    count: int
    planted: int = 1_000
    seed: int = 1

    @property
    def pairs(self) -> Places:
        """int64, an article each: number of the planted pair, -1 for those of the storm."""
        pairs = np.full(self.count + 2 * self.planted, -1)
        places = prose.random("planted", self.seed).choice(len(pairs), 2 * self.planted, replace=False)
        pairs[places] = np.repeat(np.arange(self.planted), 2)
        return pairs

    @property
    def ids(self) -> list[str]:
        return [f"{i:08d}" for i in range(self.count + 2 * self.planted)]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The articles (SCHEMA)."""
        pairs, ids = self.pairs, self.ids
        chance = prose.random(self.kind, self.seed)
        shared = _SHARED[self.kind](chance)
        planted = _planted(self.planted, chance)
        if self.kind == "paragraph":
            planted = _with_inside(planted, shared, chance)
        order = np.argsort(pairs, kind="stable")
        number = np.empty(len(pairs), np.int64)  # of a planted article among all of them
        number[order] = np.arange(-self.count, 2 * self.planted)
        for start in range(0, len(pairs), _CHUNK):
            here = slice(start, start + _CHUNK)
            of_storm = pairs[here] < 0
            outlet = chance.integers(0, _FOOTERS, len(of_storm))
            texts = _MEMBERS[self.kind](shared, outlet[of_storm], chance).followed_by(
                planted.take(number[here][~of_storm])
            )
            place = np.empty(len(of_storm), np.int64)
            place[of_storm] = np.arange(of_storm.sum())
            place[~of_storm] = np.arange(of_storm.sum(), len(of_storm))
            columns = [
                pa.array(ids[here], pa.large_string()),
                prose.joined("outlet", pa.array(outlet), ".example"),
                prose.write(texts.take(place)),
                pa.array(pairs[here]),
            ]
            yield pa.record_batch(columns, schema=SCHEMA)


def _shared_paragraph(chance: np.random.Generator) -> Texts:
    tokens = prose.texts(np.array([120]), chance, quoted=0).tokens[:120]
    return Texts(prose.one_paragraph(tokens), np.array([120]))


def _shared_footers(chance: np.random.Generator) -> Texts:
    return prose.texts(chance.integers(15, 51, _FOOTERS), chance, (5, 12), quoted=0)


def _shared_story(chance: np.random.Generator) -> Texts:
    return prose.texts(np.array([300]), chance)


def _planted(count: int, chance: np.random.Generator) -> Texts:
    """Each of count articles of 250 to 400 words and its copy: up to 3 % of its words others, or cut to 60 %."""
    own = prose.texts(chance.integers(250, 401, count), chance)
    both = own.take(np.repeat(np.arange(count), 2))
    lengths = np.diff(both.ends, prepend=0)
    copy = np.arange(2 * count) % 2 == 1
    cut = copy & (np.arange(2 * count) % 4 == 1)
    kept = np.where(cut, lengths * 6 // 10, lengths)
    tokens = both.tokens.copy()
    _edit(Texts(tokens, both.ends), np.where(copy & ~cut, 1 + lengths * chance.uniform(0, 0.03, 2 * count), 0), chance)
    return Texts(tokens[prose.runs(both.starts, kept)], np.cumsum(kept))


def _paragraphs(shared: Texts, outlet: Places, chance: np.random.Generator) -> Texts:
    return _with_inside(prose.texts(np.full(len(outlet), 200), chance), shared, chance)


def _footers(shared: Texts, outlet: Places, chance: np.random.Generator) -> Texts:
    texts = shared.take(outlet)
    changing = np.flatnonzero(outlet % 2)
    for place in (1, 2):  # inside the first sentence
        figures = prose.number(chance.integers(0, prose.NUMBERS, len(changing)))
        texts.tokens[texts.starts[changing] + place] = figures
    return texts


def _copies(shared: Texts, outlet: Places, chance: np.random.Generator) -> Texts:
    count = len(outlet)
    exact, dropped, headed = chance.random((3, count)) < [[0.4], [0.3], [0.3]]
    story, size = shared.tokens, len(shared.tokens)
    sentence_ends = np.flatnonzero(prose.is_sentence_end(story)) + 1
    sentence = chance.integers(0, len(sentence_ends), count)
    drops = ~exact & dropped
    middle = np.where(drops, np.append(0, sentence_ends)[sentence], size)
    again = np.where(drops, sentence_ends[sentence], size)
    headlines = prose.texts(np.full(count, 10), chance, (4, 9))
    starts = np.stack([size + headlines.starts, np.zeros(count, np.int64), again], 1)
    heads = np.where(~exact & headed, np.diff(headlines.ends, prepend=0), 0)
    lengths = np.stack([heads, middle, size - again], 1)
    pool = np.append(story, headlines.tokens)
    texts = Texts(pool[prose.runs(starts.ravel(), lengths.ravel())], np.cumsum(lengths.sum(1)))
    _edit(texts, np.where(exact, 0, chance.integers(1, 7, count)), chance)
    return texts


def _with_inside(texts: Texts, shared: Texts, chance: np.random.Generator) -> Texts:
    """The texts with the tokens of shared between two paragraphs of each, or before the first or after the last."""
    breaks = np.append(0, np.flatnonzero(prose.is_paragraph_end(texts.tokens)) + 1)
    least, most = np.searchsorted(breaks, texts.starts), np.searchsorted(breaks, texts.ends, "right") - 1
    middle = np.clip(breaks[chance.integers(least, most + 1)], texts.starts, texts.ends)
    starts = np.stack([texts.starts, np.full(len(middle), len(texts.tokens)), middle], 1)
    lengths = np.stack([middle - texts.starts, np.full(len(middle), len(shared.tokens)), texts.ends - middle], 1)
    pool = np.append(texts.tokens, shared.tokens)
    return Texts(pool[prose.runs(starts.ravel(), lengths.ravel())], np.cumsum(lengths.sum(1)))


def _edit(texts: Texts, count: npt.NDArray[np.float64] | Places, chance: np.random.Generator) -> None:
    """Put other words at so many places of each text at most, in place."""
    of = np.repeat(np.arange(len(count)), count.astype(np.int64))
    lengths = np.diff(texts.ends, prepend=0)[of]
    places = texts.starts[of] + (chance.random(len(of)) * lengths).astype(np.int64)
    prose.edit(texts.tokens, np.unique(places), chance)


_SHARED = {"paragraph": _shared_paragraph, "footer": _shared_footers, "story": _shared_story}
_MEMBERS = {"paragraph": _paragraphs, "footer": _footers, "story": _copies}
KINDS = tuple(_MEMBERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("articles", type=int, help="of the storm; the planted ones come on top")
    parser.add_argument("--planted", type=int, default=1_000, metavar="PAIRS")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for batch in Storm(given.kind, given.articles, given.planted, given.seed).batches():
        write_jsonl(batch, sys.stdout.buffer)


if __name__ == "__main__":
    main()
