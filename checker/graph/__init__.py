"""State spaces as arrays: states, steps, components, and the way back to networkx."""
