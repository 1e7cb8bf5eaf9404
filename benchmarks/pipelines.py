"""What peers do from JSONL to duplicates known, each as its own documents advise.

    python benchmarks/pipelines.py NAME FILE

`peers.py` times these processes; nothing is imported here that a peer does not need, for it would be charged for it.
Shingles are five words, sketches have 128 values. All of them hold everything in memory, keep nothing on disk, clean
nothing and verify nothing.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import mmap
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.json as pj

WIDTH, PERMUTATIONS, THRESHOLD = 5, 128, 0.5
BANDS, ROWS = 32, 4  # as dedup has them; datasketch chooses its own
_BLOCK = 16 << 20  # bytes of JSONL that are parsed at once; no article is larger


class Found(NamedTuple):
    articles: int
    pairs: int


def texts(file: Path) -> list[str]:
    """The field text of every line; what else a line has is not looked at."""
    parse = pj.ParseOptions(
        explicit_schema=pa.schema([("text", pa.large_string())]), unexpected_field_behavior="ignore"
    )
    found: list[str] = pj.read_json(file, pj.ReadOptions(block_size=_BLOCK), parse)["text"].to_pylist()
    return found


def shingles(text: str) -> set[str]:
    """Its shingles; one of all words where there are fewer than five."""
    words = re.findall(r"\w+", text.lower())
    return set(map(" ".join, zip(*(words[i:] for i in range(WIDTH)), strict=False))) or {" ".join(words)}


def byte_shingles(text: str) -> set[bytes]:
    """The same in UTF-8."""
    words = re.findall(r"\w+", text.lower())
    encoded = [word.encode() for word in words]
    return set(map(b" ".join, zip(*(encoded[i:] for i in range(WIDTH)), strict=False))) or {b" ".join(encoded)}


def datasketch(file: Path) -> Found:
    from datasketch import MinHash, MinHashLSH
    from xxhash import xxh32_intdigest

    sketches = list(MinHash.generator(map(byte_shingles, texts(file)), num_perm=PERMUTATIONS, hashfunc=xxh32_intdigest))
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    for key, sketch in enumerate(sketches):
        index.insert(key, sketch, check_duplication=False)
    return _found([index.query(sketch) for sketch in sketches])


def rensa(file: Path) -> Found:
    from rensa import RMinHash, RMinHashLSH

    sketches = RMinHash.from_token_sets([list(shingles(text)) for text in texts(file)], PERMUTATIONS, 1)
    index = RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    index.insert_many(sketches)
    return _found(index.query_all(sketches))


def gaoya(file: Path) -> Found:
    from gaoya.minhash import MinHashStringIndex

    found = texts(file)
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=THRESHOLD,
        num_bands=BANDS,
        band_size=ROWS,
        num_hashes=PERMUTATIONS,
        analyzer="word",
        lowercase=True,
        ngram_range=(WIDTH, WIDTH),
        id_container="smallvec",
    )
    index.par_bulk_insert_docs(list(range(len(found))), found)
    return _found(index.par_bulk_query(found))


def _found(near: list[list[int]]) -> Found:
    """near: of each article those that it was found to be near, itself among them."""
    return Found(len(near), (sum(len(keys) for keys in near) - len(near)) // 2)


def parse_and_write(file: Path, size: int) -> int:
    """The least that an index could take: parse all fields, write size bytes beside the file, and sync them.

    Returns how many articles there are.
    """
    count: int = pj.read_json(file, pj.ReadOptions(block_size=_BLOCK)).num_rows
    to = file.with_name(f"{file.name}.written")
    with file.open("rb") as source, to.open("wb") as out:
        data = memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))
        while size > 0:
            size -= out.write(data[:size])
        out.flush()
        os.fsync(out.fileno())
    to.unlink()
    return count


class Peer(NamedTuple):
    """needs: the package that has to be there, as pip knows it."""

    run: Callable[[Path], Found]
    needs: str
    about: str


PEERS = {
    "datasketch": Peer(datasketch, "datasketch", "word 5-shingles, xxh32, 128, MinHashLSH 0.5, insert and query"),
    "rensa": Peer(rensa, "rensa", "word 5-shingles in Python, RMinHash, RMinHashLSH of 32 bands, insert and query"),
    "gaoya": Peer(gaoya, "gaoya", "MinHashStringIndex, word 5-grams, 32 bands of 4, bulk insert and query"),
}
LEFT_OUT = {"text-dedup": "left out: it needs an environment of its own"}
PARSE = "parse-and-write"


def is_installed(peer: str) -> bool:
    return importlib.util.find_spec(PEERS[peer].needs) is not None


def how_to_install(peer: str) -> str:
    return f"{peer} is not installed: pip install '.[bench]', or pip install {PEERS[peer].needs}"


def about(peer: str) -> str:
    """Version, and what it is asked to do."""
    return f"{importlib.metadata.version(PEERS[peer].needs)}: {PEERS[peer].about}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=[*PEERS, PARSE])
    parser.add_argument("file", type=Path, metavar="FILE", help="JSONL with the field text")
    parser.add_argument("--bytes", type=int, default=0, metavar="N", help=f"how many {PARSE} writes")
    given = parser.parse_args()
    if given.name == PARSE:
        print(json.dumps({"articles": parse_and_write(given.file, given.bytes)}))
        return
    if not is_installed(given.name):
        sys.exit(how_to_install(given.name))
    print(json.dumps(PEERS[given.name].run(given.file)._asdict()))


if __name__ == "__main__":
    main()
