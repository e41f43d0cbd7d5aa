"""One file in, plain data out: what a file tells the rest of the project. `ast` in, never libcst."""
