"""Memory that is free for us and not yet for the system."""

from __future__ import annotations

import ctypes
from typing import Any

import pyarrow as pa

# Of glibc; another C library has no such call, and keeps less for later.
_TRIM: Any = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Return to the system what Arrow and the C library keep for later: it would count as memory in use."""
    pa.default_memory_pool().release_unused()
    if _TRIM:
        _TRIM(ctypes.c_size_t(0))
