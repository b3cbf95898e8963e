"""The reference engine: breadth-first over the processes themselves, into a networkx graph."""
