"""numpy and scipy for those who need arrays, or a clear word about what is missing."""

from __future__ import annotations

try:
    import numpy as np
    from scipy.sparse import csgraph, csr_array
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "graphs as arrays need numpy and scipy: pip install 'tcpfsm[graph]'", name=error.name
    ) from None

__all__ = ["csgraph", "csr_array", "np"]
