"""The figures of a protocol's document, and the search for them in the machine."""
