"""What a terminal is told besides the answer: progress, exit codes, whole files."""
