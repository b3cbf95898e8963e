"""Traces as ladders, machines as diagrams."""
