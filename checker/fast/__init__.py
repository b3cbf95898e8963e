"""The table-driven engine: the same answers as the reference engine, at scale.

Local states, messages and channel contents are known by small numbers, what processes and channels do with them is
asked once and kept in tables, and a global state is these numbers side by side in one machine word.
"""
