"""What does Spark take for the same stories? `python benchmarks/spark.py`

A standalone cluster on loopback (standalone.py: a master and workers of one core) clusters invented articles
(articles.py) of each size, in a process of its own each, and one machine does. Bytes shuffled and times of tasks are
from Spark's event log; memory is that of a worker's processes, JVM and Python, all that is resident, seen every 0.2 s.
With --kind, a storm (storm_articles.py) in their place.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import machine
import million
import numpy as np
import pyarrow.parquet as pq
import scale
from articles import write_jsonl
from standalone import Cluster, family
from storm_articles import KINDS, Storm

SIZES = (100_000, 300_000, 1_000_000)
MOST_EXPONENT, MOST_RATIO, MOST_SKEW = 1.1, 4.0, 3.0
_LONG = 2.0  # seconds: the longest task of a stage that counts
_EVERY = 0.2


def one_size(folder: Path, count: int, workers: int, memory: str, kind: str | None) -> dict[str, Any]:
    """Figures of one size: both engines' seconds, bytes shuffled, peak bytes of a worker, the worst stage."""
    file = folder / "articles.jsonl"
    if kind:
        with file.open("wb") as out:
            for batch in Storm(kind, count).batches():
                write_jsonl(batch, out)
        text = file.stat().st_size
    else:
        text = million.written(folder, count, 0)
    log = folder / "events"
    log.mkdir()
    cluster = Cluster(folder)
    try:
        for _ in range(workers):
            cluster.add_worker()
        peaks = _Peaks(cluster.pids)
        start = time.perf_counter()
        environment = cluster.environment() | {"PYSPARK_SUBMIT_ARGS": _arguments(log, memory)}
        command = [sys.executable, "-m", "dedup", "cluster", str(file), "--engine", "spark", "--master", cluster.url]
        subprocess.run(
            [*command, "-o", str(folder / "spark"), "--json"], env=environment, check=True, stdout=sys.stderr
        )
        seconds = time.perf_counter() - start
        memory_seen = peaks.stop()
    finally:
        cluster.stop()
    local = machine.run(
        [sys.executable, "-m", "dedup", "cluster", str(file), "-o", str(folder / "one-machine"), "--json"]
    )
    told: dict[str, Any] = {"articles": count, "text_bytes": text, "seconds": seconds, "local": local.seconds}
    told |= {"ratio": seconds / local.seconds, "memory": memory_seen, "same": _same(folder)}
    return told | _events(log)


def _arguments(log: Path, memory: str) -> str:
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executor.memory": memory,
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": log.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }
    return " ".join(f"--conf {name}={value}" for name, value in settings.items()) + " pyspark-shell"


def _events(log: Path) -> dict[str, Any]:
    """Bytes shuffled and spilled, seconds of all tasks, and the stage whose longest task stands out most."""
    shuffled = spilled = 0
    busy = 0.0
    tasks: dict[int, list[float]] = {}
    reads: dict[int, int] = {}
    names: dict[int, str] = {}
    for file in (path for path in log.rglob("*") if path.is_file()):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                if event["Event"] == "SparkListenerStageCompleted":
                    names[event["Stage Info"]["Stage ID"]] = event["Stage Info"]["Stage Name"]
                if event["Event"] != "SparkListenerTaskEnd" or not event.get("Task Metrics"):
                    continue
                found, info = event["Task Metrics"], event["Task Info"]
                read = found["Shuffle Read Metrics"]
                shuffled += found["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                spilled += found["Disk Bytes Spilled"]
                busy += found["Executor Run Time"] / 1000
                stage = event["Stage ID"]
                tasks.setdefault(stage, []).append((info["Finish Time"] - info["Launch Time"]) / 1000)
                reads[stage] = reads.get(stage, 0) + read["Remote Bytes Read"] + read["Local Bytes Read"]
    skews = {
        stage: max(times) / max(float(np.median(times)), 0.001)
        for stage, times in tasks.items()
        if reads[stage] and len(times) > 2 and max(times) >= _LONG
    }
    worst = max(skews, key=lambda stage: skews[stage], default=None)
    told = {"skew": skews[worst], "stage": names.get(worst, "")} if worst is not None else {"skew": 1.0, "stage": ""}
    return {"shuffled": shuffled, "spilled": spilled, "task_seconds": busy, **told}


def _same(folder: Path) -> bool:
    """Whether both engines gave the same stories to the same articles."""
    columns = ["id", "story", "relation", "jaccard", "containment"]
    found = [
        pq.read_table(folder / name / "articles", columns=columns).sort_by("id") for name in ("spark", "one-machine")
    ]
    return bool(found[0].equals(found[1]))


class _Peaks:
    """The most that any worker's processes had resident together, in bytes."""

    def __init__(self, pids: list[int]) -> None:
        self._pids, self._most, self._done = pids, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            for pid in self._pids:
                seen = sum(machine.memory(one).get("VmRSS", 0) for one in family(pid))
                self._most = max(self._most, seen)

    def stop(self) -> int:
        self._done.set()
        self._thread.join()
        return self._most


def checks(sizes: list[dict[str, Any]], exponent: float | None, kind: str | None) -> dict[str, bool]:
    hold = {"both engines give the same stories": all(one["same"] for one in sizes)}
    if exponent is not None:
        hold[f"time grows with exponent {MOST_EXPONENT:g} at most"] = exponent <= MOST_EXPONENT
    if kind:
        hold[f"no task takes {MOST_SKEW:g} times its stage's median"] = all(one["skew"] <= MOST_SKEW for one in sizes)
    else:
        name = f"at the largest size at most {MOST_RATIO:g} times one machine's time"
        hold[name] = sizes[-1]["ratio"] <= MOST_RATIO
    return hold


def show(told: dict[str, Any]) -> None:
    print(told["machine"])
    print(" articles  seconds  local  ratio  shuffled/article  spilled MB  peak MB a worker  worst stage")
    for one in told["sizes"]:
        print(
            f"{one['articles']:9,} {one['seconds']:8.1f} {one['local']:6.1f} {one['ratio']:6.2f} "
            f"{one['shuffled'] / one['articles']:17,.0f} {one['spilled'] / machine.MB:11,.0f} "
            f"{one['memory'] / machine.MB:17,.0f}  {one['skew']:.1f} x its median: {one['stage'][:40]}"
        )
    if told["exponent"] is not None:
        print(f"exponent of time {told['exponent']:.3f}")
    print(machine.marked(told["checks"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="articles")
    parser.add_argument("--workers", type=int, default=2, help="of one core each")
    parser.add_argument("--memory", default="1g", help="of an executor's JVM")
    parser.add_argument("--kind", choices=KINDS, help="a storm in the place of articles of all kinds")
    parser.add_argument("--folder", type=Path, help="that is there: where all is written, some 12 kB an article")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sizes = []
    for count in given.sizes:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            sizes.append(one_size(Path(folder), count, given.workers, given.memory, given.kind))
    exponent = None
    if len(sizes) > 1:
        exponent = scale.exponent([one["articles"] for one in sizes], [one["seconds"] for one in sizes])
    told = {"machine": machine.describe(), "sizes": sizes, "exponent": exponent}
    return machine.ended(told | {"checks": checks(sizes, exponent, given.kind)}, given.json, show)


if __name__ == "__main__":
    sys.exit(main())
