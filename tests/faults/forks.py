"""Processes that are warm from their first instruction: a server that loaded dedup and its kernels forks them.

A fresh interpreter spends a second on imports and kernels, in which there is nothing to interrupt; a forked
one is at work within a millisecond, so that a random moment of its life is a random moment of a commit.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# An answer is of a few bytes, and so is a request: the name of a file.
_PACKET = 4096


class Child:
    """A forked process, and the pipe on which it tells what it has done, a line each."""

    def __init__(self, forks: Forks, pid: int, told: int) -> None:
        self.pid = pid
        self._forks = forks
        self._told = told
        self._data = b""
        self._over = False

    @property
    def lines(self) -> list[str]:
        """What it told until now, whole lines only."""
        return self._data.decode().split("\n")[:-1]

    def hear(self, until: float, lines: int | None = None) -> None:
        """Listen until that moment (time.monotonic), so many lines altogether, or its end."""
        while not self._over and (lines is None or len(self.lines) < lines):
            ready, _, _ = select.select([self._told], [], [], max(until - time.monotonic(), 0))
            if not ready:
                return
            data = os.read(self._told, 1 << 16)
            self._data += data
            self._over = not data

    def end(self, number: int | None = None) -> int:
        """Send it the signal, if one is given, and wait for its end; returns the exit code, less than 0 for a signal.

        All that it had open is closed then, and all that it told is in `lines`.
        """
        if number is not None:
            os.kill(self.pid, number)
        code = int(self._forks.ask({"wait": self.pid})["code"])
        self.hear(time.monotonic() + 10)
        os.close(self._told)
        return code


class Forks:
    """The server. call: what a child runs, "module:function"; it gets a function that tells a line, and arguments."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__)), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        theirs.close()

    def ask(self, request: dict[str, Any], descriptor: int | None = None) -> dict[str, Any]:
        # A socket's buffer is bounded, an argument is not: so it goes by way of a file.
        with tempfile.NamedTemporaryFile("w+", suffix=".json") as file:
            json.dump(request, file)
            file.flush()
            socket.send_fds(self._socket, [file.name.encode()], [] if descriptor is None else [descriptor])
            answer: dict[str, Any] = json.loads(self._socket.recv(_PACKET))
        return answer

    def fork(self, call: str, *arguments: Any, said: Path | None = None) -> Child:
        """Start a child; said: the file that gets its output and its messages."""
        ours, theirs = os.pipe()
        try:
            pid = self.ask({"call": call, "arguments": arguments, "said": said and str(said)}, theirs)["pid"]
        finally:
            os.close(theirs)
        return Child(self, pid, ours)

    def close(self) -> None:
        self._socket.close()
        self._server.wait(60)


@contextlib.contextmanager
def forks() -> Iterator[Forks]:
    server = Forks()
    try:
        yield server
    finally:
        server.close()


def _warm() -> None:
    """Load all that a child may run. What this starts of threads ends before the first fork."""
    from newsroom import STORY

    import dedup
    import dedup.cli
    import dedup.cli.app
    from dedup.store import Store
    from dedup.store.directory import MemoryDirectory

    index = dedup.Index(Store.create(MemoryDirectory()))
    index.add(STORY)
    index.add([{**STORY[0], "text": STORY[1]["text"] + "\nOne line more."}])
    index.query(STORY[0]["text"])
    index.story("cut")
    index.stories()
    index.export("articles").read_all()
    index.remove(["other"])


def _run(call: str, arguments: list[Any], said: str | None, told: int) -> int:
    """What a child does; its exit code."""
    if said:
        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(output, 1)
        os.dup2(output, 2)

    def tell(line: str) -> None:
        os.write(told, line.encode() + b"\n")

    try:
        module, _, function = call.partition(":")
        getattr(importlib.import_module(module), function)(tell, *arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _serve(asked: socket.socket) -> None:
    _warm()
    while True:
        data, descriptors, _, _ = socket.recv_fds(asked, _PACKET, 1)
        if not data:
            return
        request = json.loads(Path(data.decode()).read_text(encoding="utf-8"))
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
        else:
            (told,) = descriptors
            pid = os.fork()
            if not pid:
                asked.close()
                signal.signal(signal.SIGINT, signal.default_int_handler)
                code = _run(request["call"], request["arguments"], request["said"], told)
                for stream in (sys.stdout, sys.stderr):
                    stream.flush()
                os._exit(code)
            os.close(told)
            answer = {"pid": pid}
        asked.send(json.dumps(answer).encode())


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
