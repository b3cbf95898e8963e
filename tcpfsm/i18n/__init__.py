"""What is said, in the language of the process: the catalogue, and the width of texts in a terminal."""
