"""Peers find what they are asked for, and what is compared with them is what is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import articles
import hotloop
import machine
import numpy as np
import peers
import pipelines
import prose
import pytest
import scale

import dedup
from dedup.model import Params
from dedup.stages.plain import tokens
from dedup.stages.shingle import shingle


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Twenty articles, and one of them once more."""
    some = hotloop.texts("articles", 60).to_pylist()
    different = [text for text in dict.fromkeys(some) if len(text) > 1_500][:20]
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(different)))
    with file.open("a") as more:
        more.write(json.dumps({"id": "again", "text": different[7]}) + "\n")
    return file


@pytest.mark.parametrize("peer", pipelines.PEERS)
def test_peer_finds_the_copy_in_a_process_of_its_own(peer: str, copied: Path) -> None:
    command = [sys.executable, pipelines.__file__, peer, str(copied)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not pipelines.is_installed(peer):
        assert done.returncode == 1
        assert f"pip install {peer}" in done.stderr
        return
    found = json.loads(done.stdout)
    assert found["articles"] == 21
    assert found["pairs"] >= 1


def test_pairs_are_counted_once() -> None:
    assert pipelines._found([[0, 2], [1], [2, 0]]) == (3, 1)


def test_parsing_and_writing_leaves_nothing(copied: Path) -> None:
    assert pipelines.parse_and_write(copied, 3 * copied.stat().st_size + 1) == 21
    assert list(copied.parent.iterdir()) == [copied]


@pytest.mark.parametrize("text", ["", "One", "One two, three four", "One two, three four five six"])
def test_shingles_are_the_same_as_bytes(text: str) -> None:
    plain = pipelines.shingles(text)
    assert {one.encode() for one in plain} == pipelines.byte_shingles(text)
    assert len(plain) == max(1, len(text.split()) - 4)


def test_invented_articles_have_as_many_shingles_for_peers_as_for_dedup() -> None:
    found = hotloop.texts("articles", 50)
    ours = np.diff(shingle(found, Params()).ends)
    assert ours.tolist() == [len(pipelines.shingles(text)) for text in found.to_pylist()]


def test_rensa_is_left_out_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "is_installed", lambda peer: peer != "rensa")
    told = hotloop.measured(20, 5, 1)
    assert hotloop.RENSA not in told["ratios"]
    assert not any("rensa" in name for name in told["checks"])
    assert told["left_out"] == ["rensa is not installed: pip install '.[bench]', or pip install rensa"]


def test_repeated_articles_have_new_ids_and_few_other_words(tmp_path: Path) -> None:
    words = " ".join(f"w{i}" for i in range(500))
    source = tmp_path / "real.jsonl"
    given = [{"id": named, "text": words, "url": f"https://x.example/{named}"} for named in "ab"]
    source.write_text("".join(json.dumps(article) + "\n" for article in given))
    made = list(peers.repeated(source, 5))
    assert [article["id"] for article in made] == ["a", "b", "a-1", "b-1", "a-2"]
    changed = [sum(x != y for x, y in zip(words.split(), a["text"].split(), strict=True)) for a in made]
    assert changed[:2] == [0, 0]
    assert all(8 <= count <= 10 for count in changed[2:])
    assert made[2]["text"] != made[4]["text"]
    assert "url" not in made[2]


def test_peers_are_compared_by_their_time_an_article() -> None:
    ways: dict[str, dict[str, Any]] = {
        "dedup": {"articles": 100, "seconds": [1.0, 2.0]},
        "gaoya": {"articles": 10, "seconds": [1.0, 1.0]},
        peers.PARSE: {"articles": 100, "seconds": [0.5, 0.2]},
    }
    ratios = peers.ratios(ways)
    assert ratios == {"gaoya": [10.0, 5.0], peers.PARSE: [0.5, 0.1]}
    told = {"file": {"real": False}, "ratios": ratios}
    assert peers.checks(told) == {"at least 6 times gaoya": True, "at most 7 times parsing and writing": True}
    ratios[peers.PARSE] = [0.14, 0.14]
    ratios["gaoya"] = [5.9, 5.9]
    assert not any(peers.checks(told).values())


def test_hot_loop_is_told_by_part_and_kind(capsys: pytest.CaptureFixture[str]) -> None:
    told = hotloop.measured(40, 10, 2)
    assert {len(taken) for taken in told["seconds"].values()} == {2}
    assert all(min(taken) > 0 for taken in told["seconds"].values())
    assert told["texts"]["ascii"]["shingles"] == told["texts"]["articles"]["shingles"]
    assert told["texts"]["devanagari"]["bytes"] > 2 * told["texts"]["ascii"]["bytes"]
    hotloop.show(told)
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.split()[0] in ("holds", "FAILS") for line in lines) == len(told["checks"])


def test_devanagari_articles_are_the_same_but_for_the_script() -> None:
    latin, other = (next(articles.batches(200, day=200, script=script)) for script in prose.SCRIPTS)
    assert latin["story"] == other["story"]
    assert latin["published"] == other["published"]
    for a, b in zip(latin["text"].to_pylist()[:20], other["text"].to_pylist()[:20], strict=True):
        assert len(a.splitlines()) == len(b.splitlines())
        assert len(a.split()) == len(b.split())
        assert all(any("ऀ" <= c <= "ॿ" for c in token) or token.isdigit() for token in tokens(b)[0])


def test_exponent_of_a_power_is_its_own() -> None:
    counts = [10, 100, 3_000]
    assert scale.exponent(counts, [5 * count**1.25 for count in counts]) == pytest.approx(1.25)


def test_growth_is_checked_at_the_largest_size(capsys: pytest.CaptureFixture[str]) -> None:
    small = {"articles": 10, "seconds": 1.0, "memory": 9e9, "own": 1, "bytes": 20, "text_bytes": 10, "p50": 9, "p99": 9}
    small |= {"adding": [9.0], "add": 9.0, "add_process": [9.0]}
    large = small | {"articles": 100, "seconds": 10.0, "memory": 1e9, "p50": 0.4, "p99": 2.0, "add": 0.4}
    told: dict[str, Any] = {"machine": "", "sizes": [small, large], "exponents": {"seconds": {"all": 1.0, "last": 1.0}}}
    checks = scale.checks(told)
    assert len(checks) == 5
    assert all(checks.values())
    scale.show(told | {"checks": checks})
    assert "exponent  1.000" in capsys.readouterr().out
    told["sizes"].append(small | {"articles": 1_000})
    told["exponents"]["seconds"]["all"] = 1.09
    assert not any(scale.checks(told).values())


def test_queries_and_articles_more_are_timed_inside_a_process(tmp_path: Path) -> None:
    given = list(articles.articles(200, day=200))
    dedup.Index.create(tmp_path / "index").add(given[:50])
    for number in range(scale.ROUNDS):
        more = given[50 + 50 * number : 100 + 50 * number]
        (tmp_path / f"more-{number}.jsonl").write_text("".join(json.dumps(article) + "\n" for article in more))
    told = scale.inside(tmp_path, count=20)
    assert len(told["queries"]) == 20
    assert len(told["adding"]) == scale.ROUNDS
    assert len(dedup.Index.open(tmp_path / "index")) == 200


def test_process_is_charged_for_its_own_memory() -> None:
    held = "import time; held = bytearray(100 << 20); time.sleep(0.2); print(len(held))"
    ran = machine.run([sys.executable, "-c", held])
    assert int(ran.said) == 100 << 20
    assert ran.memory >= ran.own >= 100 << 20
    assert ran.seconds >= 0.2


def test_benchmark_ends_with_what_it_ran() -> None:
    with pytest.raises(SystemExit, match="ended with 3"):
        machine.run([sys.executable, "-c", "raise SystemExit(3)"])
