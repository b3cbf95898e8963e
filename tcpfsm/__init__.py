"""TCP's connection machine as declarative YAML, and an exhaustive model checker for it."""

__version__ = "0.1.0"
