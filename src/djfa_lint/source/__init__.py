"""One file: its bytes, text, lines, positions, directives and trees. This room sees no other file."""
