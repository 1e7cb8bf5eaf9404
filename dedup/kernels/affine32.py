"""The permutations of datasketch's scheme `affine32`."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt


@functools.cache
def permutations(num_perm: int, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Multipliers and increments of datasketch's affine32, num_perm each."""
    # datasketch draws them so; importing it for this would cost half a second at start-up.
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return a, b
