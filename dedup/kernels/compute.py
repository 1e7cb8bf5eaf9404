"""pyarrow.compute, loaded when it is first asked for: it makes hundreds of functions, which takes 0.04 s."""

from __future__ import annotations

from typing import Any


class _Compute:
    def __getattr__(self, name: str) -> Any:
        import pyarrow.compute

        found = getattr(pyarrow.compute, name)
        setattr(self, name, found)
        return found


pc: Any = _Compute()
