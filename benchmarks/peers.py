"""Is dedup ahead of its peers end to end? `python benchmarks/peers.py`

Whole processes in alternation, each from the same JSONL on disk to duplicates known. `dedup index` also cleans,
verifies every pair, groups them into stories, and has all of it on disk; the peers (pipelines.py) do none of that. The
last row is what no index can do without: to parse the file, and to write as many bytes as the index has, with fsync.

With --real FILE the articles of a JSONL (or .gz) are repeated under new ids, with 2 % of their words changed.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import articles
import edits
import index_bytes
import machine
import million
import pipelines
from pipelines import PARSE

# How many times faster than each peer at least, and how many times slower than PARSE at most.
INVENTED = {"datasketch": 22.0, "rensa": 12.0, "gaoya": 6.0}
REAL = {"datasketch": 18.0, "rensa": 14.0, "gaoya": 5.0}
MOST_OF_PARSING = 7.0


def repeated(source: Path, count: int) -> Iterator[dict[str, Any]]:
    """count articles: those of source, then the same under new ids with other words here and there."""
    with gzip.open(source, "rt") if source.suffix == ".gz" else source.open() as lines:
        given = [json.loads(line) for line in lines]
    for number in range(count):
        again, article = number // len(given), given[number % len(given)]
        if again:
            named = str(article.get("id", number))
            changed = edits.edited("words", named, article["text"], again)
            article = article | {"id": f"{named}-{again}", "text": changed}
            article.pop("url", None)
        yield article


def written(folder: Path, real: Path | None, count: int, few: int) -> dict[str, Path]:
    """Files of count articles for dedup, of the first few of them for the peers, and of some to warm up with."""
    files = {"dedup": folder / "articles.jsonl", "peers": folder / "few.jsonl", "warm": folder / "warm.jsonl"}
    if real:
        with files["dedup"].open("w") as out:
            out.writelines(json.dumps(article, ensure_ascii=False) + "\n" for article in repeated(real, count))
    else:
        with files["dedup"].open("wb") as out:
            for batch in articles.batches(count):
                articles.write_jsonl(batch, out)
    for name, most in (("peers", few), ("warm", 500)):
        with files["dedup"].open("rb") as source, files[name].open("wb") as out:
            out.writelines(itertools.islice(source, most))
    # Else the system writes them while others are timed, whose syncs wait for that.
    for file in files.values():
        with file.open("rb") as one:
            os.fsync(one.fileno())
    return files


def measured(folder: Path, real: Path | None, count: int, few: int, rounds: int) -> dict[str, Any]:
    """All figures, and what must hold of them. seconds, memory (bytes) and found of each way; ratios dedup : peer."""
    files = written(folder, real, count, few)
    names = [name for name in pipelines.PEERS if pipelines.is_installed(name)]
    # Kernels are compiled once a machine, and modules read once from disk, not on the clock here.
    _ours(files["warm"], folder / "index")
    for name in names:
        _peer(name, files["warm"])
    ways: dict[str, dict[str, Any]] = {
        name: {"articles": few if name in names else count, "seconds": [], "memory": [], "found": ""}
        for name in ("dedup", *names, PARSE)
    }
    for _ in range(rounds):
        for name, way in ways.items():
            if name == "dedup":
                ran = _ours(files["dedup"], folder / "index")
                size = sum(index_bytes.by_file(folder / "index").values())
                way["found"] = f"{json.loads(ran.said)['stories']:,} stories"
            elif name == PARSE:
                ran = _peer(PARSE, files["dedup"], "--bytes", str(size))
            else:
                ran = _peer(name, files["peers"])
                way["found"] = f"{json.loads(ran.said)['pairs']:,} pairs"
            way["seconds"].append(ran.seconds)
            way["memory"].append(ran.memory)
    told = {
        "machine": machine.describe(),
        "file": {"articles": count, "bytes": files["dedup"].stat().st_size, "real": real is not None},
        "index_bytes": size,
        "ways": ways,
        "ratios": ratios(ways),
        "about": {name: pipelines.about(name) for name in names},
        "left_out": {name: pipelines.how_to_install(name) for name in pipelines.PEERS if name not in names}
        | pipelines.LEFT_OUT,
    }
    return told | {"checks": checks(told)}


def _ours(file: Path, index: Path) -> machine.Ran:
    shutil.rmtree(index, ignore_errors=True)
    return machine.run(million.index_command(file, index))


def _peer(name: str, file: Path, *more: str) -> machine.Ran:
    return machine.run([sys.executable, pipelines.__file__, name, str(file), *more])


def ratios(ways: dict[str, dict[str, Any]]) -> dict[str, list[float]]:
    """Of each way, round by round, how many times its time an article is that of dedup."""
    each = {name: [seconds / way["articles"] for seconds in way["seconds"]] for name, way in ways.items()}
    return {
        name: [theirs / ours for ours, theirs in zip(each["dedup"], each[name], strict=True)]
        for name in ways
        if name != "dedup"
    }


def checks(told: dict[str, Any]) -> dict[str, bool]:
    """What must hold of the figures, at the median; a peer that is not installed is not asked for."""
    least = REAL if told["file"]["real"] else INVENTED
    medians = {name: machine.spread(found).median for name, found in told["ratios"].items()}
    hold = {
        f"at least {times:g} times {name}": medians[name] >= times for name, times in least.items() if name in medians
    }
    if not told["file"]["real"]:
        hold[f"at most {MOST_OF_PARSING:g} times parsing and writing"] = 1 / medians[PARSE] <= MOST_OF_PARSING
    return hold


def show(told: dict[str, Any]) -> None:
    """Print the figures, and what holds of them."""
    file, mb = told["file"], machine.MB
    print(told["machine"])
    kind = "real" if file["real"] else "invented"
    print(
        f"{file['articles']:,} {kind} articles, {file['bytes'] / mb:,.0f} MB of JSONL, "
        f"index {told['index_bytes'] / mb:,.0f} MB; minimum, median, maximum"
    )
    print(f"{'':<17}{'articles':>10}{'articles/s':>26}{'seconds':>22}{'MB':>8}{'found':>18}{'dedup is faster':>22}")
    for name, way in told["ways"].items():
        seconds = machine.spread(way["seconds"])
        rate = machine.spread([way["articles"] / one for one in way["seconds"]])
        ratio = machine.spread(told["ratios"][name]).shown(".2f") if name in told["ratios"] else ""
        print(
            f"{name:<17}{way['articles']:>10,}{rate.shown(',.0f'):>26}{seconds.shown('.2f'):>22}"
            f"{max(way['memory']) / mb:>8,.0f}{way['found']:>18}{ratio:>22}"
        )
    for name, said in (told["about"] | told["left_out"]).items():
        print(f"{name:<17}{said}")
    print(machine.marked(told["checks"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, metavar="N", help="default: 200,000; with --real 40,000")
    parser.add_argument("--peer-articles", type=int, metavar="N", help="peers get the first N of them; default: all")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--real", type=Path, metavar="FILE", help="JSONL, or JSONL.gz, of articles with id and text")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    count = given.articles or (40_000 if given.real else 200_000)
    few = min(given.peer_articles or count, count)
    with tempfile.TemporaryDirectory(prefix="dedup-peers-") as folder:
        told = measured(Path(folder), given.real, count, few, given.rounds)
    return machine.ended(told, given.json, show)


if __name__ == "__main__":
    sys.exit(main())
