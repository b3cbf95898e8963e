"""An opaque function of values: for cookies, and whatever else nobody can make who does not know what went into it.

Of a digest nothing can be learned but whether it equals another one. It is not additive: the digest of ``n + 1`` has
nothing to do with that of ``n``, so that no cookie can be made from another cookie.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from tcpfsm.expression.types import ANYTHING, COUNT, FLAG, NUMBER, SEQUENCE, WORD, Type

#: What can go into a digest. A number counts by its value alone, whether it is a sequence number or a count.
_TAKEN = (ANYTHING, COUNT, FLAG, NUMBER, SEQUENCE)
_OCTETS = 16


def can_be_digested(kind: Type) -> bool:
    """Say whether values of a type can go into a digest: numbers, flags and words can."""
    return kind in _TAKEN or kind.kind == WORD.kind


def digest(values: Iterable[int | bool | str], modulus: int) -> int:
    """Return the digest of values in this order: a sequence number from 0 to ``modulus - 1``, the same on every machine.

    It is BLAKE2b (RFC 7693) of an encoding that says of every value what it is and where it ends. On a small circle two
    digests can be equal by chance.

    >>> digest([1, 23], 2**32) == digest([12, 3], 2**32)
    False
    """
    encoded = b"".join(_encoded(value) for value in values)
    return int.from_bytes(blake2b(encoded, digest_size=_OCTETS).digest(), "big") % modulus


def _encoded(value: int | bool | str) -> bytes:
    if isinstance(value, bool):
        return b"flag:1;" if value else b"flag:0;"
    if isinstance(value, int):
        return b"number:%d;" % value
    text = value.encode("utf-8", "surrogatepass")
    return b"word:%d:%s;" % (len(text), text)
