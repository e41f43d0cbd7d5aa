"""The built-in rules: one module each, one folder a family. They know `djfa_lint.sdk` and libcst, nothing else."""
