"""Growing tables of whole numbers: Python lists for the interpreter, numpy arrays for compiled code."""

from __future__ import annotations

from typing import Any

from checker.fast.kernel import UNKNOWN


class Rows:
    """A growing table of rows of equal length. ``data`` is what the kernel reads; compiled, it has room beyond the last."""

    __slots__ = ("compiled", "count", "data", "length")

    def __init__(self, length: int, *, compiled: bool) -> None:
        self.compiled = compiled
        self.length = length
        self.count = 0
        self.data: Any = []
        if compiled:
            import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

            self.data = np.empty(64 * length, np.int32)

    def append(self, *values: int) -> int:
        """Add a row at the end; return its number."""
        if self.compiled:
            at = self.count * self.length
            if at == len(self.data):
                self.data = _grown(self.data, 2 * at)
            self.data[at : at + self.length] = values
        else:
            self.data.extend(values)
        self.count += 1
        return self.count - 1

    def get(self, row: int, column: int = 0) -> int:
        """One number."""
        return int(self.data[row * self.length + column])

    def set(self, row: int, column: int, value: int) -> None:
        """Set one number."""
        self.data[row * self.length + column] = value

    def __len__(self) -> int:
        """How many rows there are."""
        return self.count


class Grid:
    """A table of numbers that grows in both directions, row by row in one array; what was not set is ``UNKNOWN``.

    ``stride`` is the length of a row: the place of (row, column) is ``row * stride + column``.
    """

    __slots__ = ("compiled", "data", "rows", "stride")

    def __init__(self, *, compiled: bool) -> None:
        self.compiled = compiled
        self.rows = 0
        self.stride = 8
        self.data: Any = []
        if compiled:
            import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

            self.data = np.full(0, UNKNOWN, np.int32)

    def reach(self, rows: int, columns: int) -> None:
        """Make room for so many rows and columns."""
        if columns > self.stride:
            stride = self.stride
            while stride < columns:
                stride *= 2
            self._widen(stride)
        if rows > self.rows:
            rows = max(rows, self.rows + self.rows // 2, 16)
            if self.compiled:
                size = len(self.data)
                self.data = _grown(self.data, rows * self.stride)
                self.data[size:] = UNKNOWN
            else:
                self.data.extend([UNKNOWN] * ((rows - self.rows) * self.stride))
            self.rows = rows

    def _widen(self, stride: int) -> None:
        if self.compiled:
            import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

            wider = np.full((self.rows, stride), UNKNOWN, np.int32)
            wider[:, : self.stride] = self.data.reshape(self.rows, self.stride)
            self.data = wider.reshape(-1)
        else:
            gap = [UNKNOWN] * (stride - self.stride)
            rows = (self.data[row * self.stride : (row + 1) * self.stride] for row in range(self.rows))
            self.data = [value for row in rows for value in (*row, *gap)]
        self.stride = stride

    def get(self, row: int, column: int) -> int:
        """One number."""
        return int(self.data[row * self.stride + column])

    def set(self, row: int, column: int, value: int) -> None:
        """Set one number."""
        self.data[row * self.stride + column] = value


def _grown(data: Any, size: int) -> Any:
    import numpy as np  # noqa: PLC0415, so that only those who compile pay for the import

    grown = np.empty(size, data.dtype)
    grown[: len(data)] = data
    return grown
