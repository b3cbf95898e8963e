"""How fast the engines are and what memory they take, on one system in growing bounds: ``python -m benchmarks``."""
