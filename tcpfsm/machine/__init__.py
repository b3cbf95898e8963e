"""One end of a protocol, ready to run: segments, compiled machines, and the endpoint that takes steps."""
