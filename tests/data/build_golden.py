"""Make the golden index of the present format: run by hand, once, when a format is final.

    python tests/data/build_golden.py

writes beside this file golden-<format>/, an index of some of the bundled corpus in several segments, of which
articles were replaced and removed, and golden-<format>.jsonl, what `dedup export articles` says of it. The suite
opens it from then on: a dedup that cannot read it, or tells another story, needs another number of format.
Raises FileExistsError where there is one already: it must never be made again by a later dedup, but under the
number that it was made for.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import dedup
from dedup.demo import CORPUS, GOLD
from dedup.report.tables import write

_HERE = Path(__file__).parent
_ARTICLES, _SEGMENTS = 32, 4


def build(folder: Path) -> dedup.Index:
    """The index: some whole stories, their articles spread over segments, one replaced and one removed."""
    story = dict(line.split("\t")[:2] for line in GOLD.read_text(encoding="utf-8").splitlines())
    corpus: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    articles = sorted(corpus, key=lambda article: (story[article["id"]], article["id"]))[:_ARTICLES]
    index = dedup.Index.create(folder)
    for segment in range(_SEGMENTS):
        index.add(articles[segment::_SEGMENTS])
    first, last = articles[0], articles[-1]
    index.add([{**first, "text": f"{first['text']}\n\nThe report was corrected on the day after."}])
    index.remove([last["id"]])
    return index


def main() -> None:
    with tempfile.TemporaryDirectory() as aside:
        index = build(Path(aside) / "index")
        name = f"golden-{index.info().format}"
        for target in (_HERE / name, _HERE / f"{name}.jsonl"):
            if target.exists():
                raise FileExistsError(target)
        shutil.copytree(index.path, _HERE / name)
        write(index.export("articles"), "jsonl", _HERE / f"{name}.jsonl")
    print(f"{name}: {len(index)} articles, {sum(path.stat().st_size for path in (_HERE / name).rglob('*.*'))} bytes")


if __name__ == "__main__":
    main()
