"""Many bytes at once: words and blocks of memory, unaligned, and what stands in them."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

_TOP = np.uint64(0x8080808080808080)
_REST = np.uint64(0x7F7F7F7F7F7F7F7F)
_EACH = np.uint64(0x0101010101010101)

# Of each byte what `plain_run` makes of it: a letter or digit in lower case, 0 for all else.
PLAIN = np.zeros(256, np.uint8)
for _byte in b"0123456789abcdefghijklmnopqrstuvwxyz":
    PLAIN[[_byte, ord(chr(_byte).upper())]] = _byte


def _pointer(context, builder, array_type, array, index, bits):
    if isinstance(array_type, types.Integer):
        data = builder.inttoptr(array, ir.IntType(8).as_pointer())
    else:
        data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), ir.IntType(bits).as_pointer())


def _loader(bits, result):
    @intrinsic
    def load(typing_context, array, index):
        def codegen(context, builder, signature, args):
            value = builder.load(_pointer(context, builder, signature.args[0], args[0], args[1], bits))
            value.align = 1  # x86 and ARM both load unaligned words at full speed
            return value

        return result(array, types.int64), codegen

    return load


def _storer():
    @intrinsic
    def store(typing_context, array, index, value):
        def codegen(context, builder, signature, args):
            stored = builder.store(args[2], _pointer(context, builder, signature.args[0], args[0], args[1], 64))
            stored.align = 1
            return context.get_dummy_value()

        return types.none(array, types.int64, types.uint64), codegen

    return store


def _counter():
    @intrinsic
    def count(typing_context, value):
        def codegen(context, builder, signature, args):
            return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

        return types.uint64(types.uint64), codegen

    return count


def _population():
    @intrinsic
    def count(typing_context, value):
        def codegen(context, builder, signature, args):
            return builder.ctpop(args[0])

        return types.uint64(types.uint64), codegen

    return count


def _spread(builder, value, lanes):
    """A vector with value in all its lanes."""
    one = builder.insert_element(ir.Constant(lanes, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), None)
    return builder.shuffle_vector(one, ir.Constant(lanes, ir.Undefined), zeros)


def _finder(relation):
    @intrinsic
    def find(typing_context, array, index, byte):
        def codegen(context, builder, signature, args):
            lanes = ir.VectorType(ir.IntType(8), 64)
            block = builder.load(
                builder.bitcast(
                    _pointer(context, builder, signature.args[0], args[0], args[1], 8), ir.PointerType(lanes)
                )
            )
            block.align = 1
            each = _spread(builder, args[2], lanes)
            return builder.bitcast(builder.icmp_unsigned(relation, block, each), ir.IntType(64))

        return types.uint64(array, types.int64, types.uint8), codegen

    return find


def _copier():
    @intrinsic
    def copy(typing_context, target, at, source, index, size):
        def codegen(context, builder, signature, args):
            into = _pointer(context, builder, signature.args[0], args[0], args[1], 8)
            what = _pointer(context, builder, signature.args[2], args[2], args[3], 8)
            cgutils.raw_memcpy(builder, into, what, args[4], 1)
            return context.get_dummy_value()

        return types.none(target, types.int64, source, types.int64, types.int64), codegen

    return copy


def _least():
    @intrinsic
    def least(typing_context, values, n, factors, addends, at):
        def codegen(context, builder, signature, args):
            lanes = ir.VectorType(ir.IntType(32), 16)
            data = context.make_array(signature.args[0])(context, builder, args[0]).data
            pairs, lowest = [], []
            for k in range(4):
                place = builder.add(args[4], ir.IntType(64)(k))
                pairs.append(
                    [
                        _spread(builder, builder.load(_pointer(context, builder, kind, array, place, 32)), lanes)
                        for kind, array in ((signature.args[2], args[2]), (signature.args[3], args[3]))
                    ]
                )
                lowest.append(cgutils.alloca_once_value(builder, ir.Constant(lanes, [0xFFFFFFFF] * 16)))
            step, start = ir.IntType(64)(16), ir.IntType(64)(0)
            with cgutils.for_range_slice(builder, start, args[1], step) as (index, _):
                block = builder.load(builder.bitcast(builder.gep(data, [index]), ir.PointerType(lanes)))
                block.align = 4
                for (factor, addend), low in zip(pairs, lowest, strict=True):
                    value, before = builder.add(builder.mul(block, factor), addend), builder.load(low)
                    builder.store(builder.select(builder.icmp_unsigned("<", value, before), value, before), low)
            reduce = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(ir.IntType(32), [lanes]), "llvm.vector.reduce.umin.v16i32"
            )
            return cgutils.pack_array(builder, [builder.call(reduce, [builder.load(low)]) for low in lowest])

        return types.UniTuple(types.uint32, 4)(values, types.int64, factors, addends, types.int64), codegen

    return least


# load(data, index): the word of a byte array (uint8) from index on, its least byte first; store(data, index, word).
# Their array may be an address too, `array.ctypes.data`: a function that takes that counts no references.
load64, load32, load8 = _loader(64, types.uint64), _loader(32, types.uint32), _loader(8, types.uint8)
store64 = _storer()
trailing_zeros, population = _counter(), _population()
# equal64(data, index, byte): of the 64 bytes from index on, the first one lowest, a bit each that equals byte;
# below64 likewise those below byte. Two instructions where the machine has AVX-512, some more elsewhere.
equal64, below64 = _finder("=="), _finder("<")
# copy(target, at, source, index, size): bytes between arrays that do not overlap.
copy = _copier()
# least4(values, n, factors, addends, at): of four pairs from at on the least of factor * value + addend, modulo 2^32,
# over n values, which are a multiple of 16; all arrays are uint32. Written out, since the vectoriser takes half the
# width that the machine has.
least4 = _least()


@njit(inline="always")
def plain_run(word):
    """How many of a word's bytes, least first, are ASCII letters or digits before one that is none; and the word with
    its letters in lower case."""
    low = word & _REST
    folded = low | np.uint64(0x20) * _EACH
    letter = (folded + np.uint64(0x80 - 0x61) * _EACH) & ~(folded + np.uint64(0x7F - 0x7A) * _EACH)
    digit = (low + np.uint64(0x80 - 0x30) * _EACH) & ~(low + np.uint64(0x7F - 0x39) * _EACH)
    letter &= ~word & _TOP
    other = ~(letter | digit & ~word) & _TOP
    return np.int64(trailing_zeros(other) >> np.uint64(3)), word | letter >> np.uint64(2)


@njit(inline="always")
def holds(word, each):
    """Other than 0 where a byte of word is that of which each has eight; which one it is only the lowest says truly."""
    other = word ^ each
    return (other - _EACH) & ~other & _TOP


@njit(nogil=True, cache=True, inline="always")
def next_line_end(data, start):
    """Where the next newline of data stands from start on; its length where there is none."""
    n = len(data)
    newline = np.uint64(10) * _EACH
    while start + 64 <= n:
        # Most blocks hold none, and eight words without a branch between them are one vector: 16 GB/s.
        some = np.uint64(0)
        for i in range(0, 64, 8):
            some |= holds(load64(data, start + i), newline)
        if some:
            break
        start += 64
    while start + 8 <= n:
        found = holds(load64(data, start), newline)
        if found:
            return start + np.int64(trailing_zeros(found) >> np.uint64(3))
        start += 8
    while start < n and data[start] != 10:
        start += 1
    return start
