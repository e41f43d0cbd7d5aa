"""The ways in: the command line, and later the plugins of other tools. Thin."""
