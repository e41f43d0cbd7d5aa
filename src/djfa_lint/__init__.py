"""djfa-lint: a linter for Django and FastAPI projects that reads the whole project without running it."""

__version__ = "0.1.0"
