"""What is asked of a state space, and what comes of it: kinds of properties, verdicts, evidence."""
