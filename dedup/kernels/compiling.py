"""Tell when kernels are compiled: it takes some seconds, once a machine, and looks like a stall."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from numba.core import event


class _Listener(event.Listener):
    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def on_start(self, event: object) -> None:
        self._tell()

    def on_end(self, event: object) -> None:
        """Nothing to say."""


@contextlib.contextmanager
def telling(tell: Callable[[], None]) -> Iterator[None]:
    """Call tell, from whatever thread, when a kernel is not in the cache and has to be compiled."""
    with event.install_listener("numba:compile", _Listener(tell)):
        yield
