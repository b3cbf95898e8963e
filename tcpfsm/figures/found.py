"""Figures of the RFC as data: read line by line, and searched for in the graph of what can happen.

``parse_line`` reads the RFC's notation, ``flatten`` makes a figure the sequence of its events,
and ``find`` looks for a run with exactly these events.
"""

from tcpfsm.figures.notation import Event, EventKind, FigureLine, NotationError, flatten, parse_line
from tcpfsm.figures.search import Found, NotFound, Order, find

__all__ = [
    "FigureLine",
    "Event",
    "EventKind",
    "NotationError",
    "parse_line",
    "flatten",
    "Found",
    "NotFound",
    "Order",
    "find",
]
