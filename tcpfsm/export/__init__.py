"""State graphs for other tools: GraphML, DOT, and JSON that networkx reads."""
