"""The condensation of a graph: its strongly connected components, and the acyclic graph that they make.

The components are found by scipy: Pearce, "An improved algorithm for finding the strongly connected components of a
directed graph", technical report, Victoria University of Wellington, 2005.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from checker.graph.arrays import np
from checker.graph.rows import Rows, components

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Condensation:
    """The strongly connected components of a graph of n states, and which leads to which.

    With k components and e pairs of which one leads to the other in one step:

    - ``component``, int32[n]: the component of each state. Components are numbered in the order of their first states.
    - ``indptr``, int64[k + 1], and ``targets``, int32[e]: component i leads to ``targets[indptr[i]:indptr[i + 1]]``,
      in order; to itself it does not.
    """

    component: NDArray[np.int32]
    indptr: NDArray[np.int64]
    targets: NDArray[np.int32]

    def __len__(self) -> int:
        """The number of components."""
        return len(self.indptr) - 1

    def __repr__(self) -> str:
        return f"Condensation(components={len(self)}, edges={len(self.targets)}, largest={self.sizes.max(initial=0)})"

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many states each component has: int64[k]."""
        return np.bincount(self.component, minlength=len(self)).astype(np.int64, copy=False)

    def bottoms(self) -> NDArray[np.int64]:
        """The components that nothing leads out of, in order: every run without an end stays in one of them at last."""
        return np.flatnonzero(np.diff(self.indptr) == 0)

    def members(self, component: int) -> NDArray[np.int64]:
        """The states of a component, in order."""
        return np.flatnonzero(self.component == component)

    def to_networkx(self) -> nx.DiGraph[int]:
        """The components as nodes, with ``members`` as in ``networkx.condensation``, and ``mapping`` in ``graph``."""
        import networkx as nx  # noqa: PLC0415, so that only those who ask pay for the import

        by_component = np.argsort(self.component, kind="stable")
        parts = np.split(by_component, np.cumsum(self.sizes)[:-1])
        graph: nx.DiGraph[int] = nx.DiGraph(mapping=dict(enumerate(self.component.tolist())))
        graph.add_nodes_from(
            (number, {"members": set(part.tolist())}) for number, part in enumerate(parts[: len(self)])
        )
        sources = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        graph.add_edges_from(zip(sources.tolist(), self.targets.tolist(), strict=True))
        return graph


def condensed(rows: Rows) -> Condensation:
    """The condensation of a graph without parallel edges."""
    component = components(rows)
    count = int(component.max(initial=-1)) + 1
    sources = np.repeat(component, np.diff(rows.indptr))
    targets = component[rows.targets]
    crossing = sources != targets
    pairs = np.unique(sources[crossing].astype(np.int64) * count + targets[crossing])
    indptr = np.searchsorted(pairs, np.arange(count + 1, dtype=np.int64) * count)
    return Condensation(component, indptr.astype(np.int64), (pairs % max(count, 1)).astype(np.int32))
