"""Numba kernels: arrays in, arrays out, nothing else of the project.

Each is small, typed and free of the GIL, allocates nothing inside its loops, and has a
plain twin in tests/kernels that says what it must give.
"""
