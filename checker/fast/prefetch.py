"""An instruction that compiled Python has no word for: to ask for memory and not to wait for it."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


@intrinsic
def prefetch(_: Any, array: Any, place: Any) -> Any:
    """Ask for a place of an array to be brought into all caches, to be read. Any place will do, also one beyond the end."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        octets, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [octets, number, number, number])
        known = builder.module.globals.get("llvm.prefetch.p0")
        function = known or ir.Function(builder.module, kind, "llvm.prefetch.p0")
        address = builder.bitcast(builder.gep(data, [given[1]]), octets)
        # To be read, to be kept in all caches, data rather than code.
        builder.call(function, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, place), generate
