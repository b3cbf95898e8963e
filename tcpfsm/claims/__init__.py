"""What is said of a protocol, judged."""
