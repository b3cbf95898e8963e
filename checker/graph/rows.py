"""Compressed rows, and the few things that scipy needs of them: no parallel edges, and numbers of 32 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from checker.graph.arrays import csgraph, csr_array, np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The most edges that scipy's algorithms can count.
MOST_EDGES = 2**31 - 1


class Rows(NamedTuple):
    """The edges of a graph: those of node i lead to ``targets[indptr[i]:indptr[i + 1]]``."""

    indptr: NDArray[Any]
    targets: NDArray[Any]

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return len(self.indptr) - 1

    def reversed(self) -> Rows:
        """The same edges the other way round."""
        turned = _matrix(self).T.tocsr()
        return Rows(turned.indptr, turned.indices)

    def with_root(self, targets: NDArray[Any]) -> Rows:
        """The same edges, and one node more, which leads to these.

        Raises:
            ValueError: there are too many for scipy.
        """
        edges = len(self.targets) + len(targets)
        refuse_too_many(edges)
        return Rows(
            np.append(self.indptr, self.indptr.dtype.type(edges)),
            np.concatenate([self.targets, targets.astype(self.targets.dtype)]),
        )


def refuse_too_many(edges: int) -> None:
    """Refuse what scipy cannot count.

    Raises:
        ValueError: there are too many edges.
    """
    if edges > MOST_EDGES:
        raise ValueError(
            f"scipy counts edges in 32 bits, and here are {edges:,}; narrow the bounds, or take a quotient"
        )


def simplified(rows: Rows) -> Rows:
    """The edges in order of their targets, each once.

    Raises:
        ValueError: there are too many for scipy.
    """
    refuse_too_many(len(rows.targets))
    found = csr_array(
        (np.ones(len(rows.targets), np.bool_), rows.targets.astype(np.int32), rows.indptr.astype(np.int32)),
        shape=(rows.nodes, rows.nodes),
    )
    found.sum_duplicates()
    return Rows(found.indptr, found.indices)


def _matrix(rows: Rows) -> Any:
    # scipy wants weights and does not look at them here; one number serves for all.
    weights = np.broadcast_to(np.ones(1), len(rows.targets))
    return csr_array((weights, rows.targets, rows.indptr), shape=(rows.nodes, rows.nodes))


def walk(rows: Rows, source: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Breadth-first from one node, by its rows in their order: the nodes reached, and the parent of each node or -9999."""
    order, parents = csgraph.breadth_first_order(
        _matrix(rows), source, directed=True, return_predecessors=True
    )
    return order, parents


def components(rows: Rows) -> NDArray[np.int32]:
    """The strongly connected component of each node; components are numbered in the order of their first nodes."""
    if not rows.nodes:
        return np.empty(0, np.int32)
    _, found = csgraph.connected_components(_matrix(rows), directed=True, connection="strong")
    _, first, place = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    renumbered: NDArray[np.int32] = rank[place.reshape(-1)]
    return renumbered
