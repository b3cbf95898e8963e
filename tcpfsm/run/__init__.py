"""A scenario made into a system, explored, and what came of it."""
