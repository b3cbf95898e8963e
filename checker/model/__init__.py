"""What is explored: processes, the channels between them, their states, steps and bounds, and traces of them."""
