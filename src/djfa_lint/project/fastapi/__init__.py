"""FastAPI and Starlette applications: their endpoints with all that runs before them, and their hooks."""

from djfa_lint.project.fastapi.apps import endpoints, routes_of
from djfa_lint.project.fastapi.depends import dependencies
from djfa_lint.project.fastapi.lifecycle import Hook, hooks

__all__ = ["Hook", "dependencies", "endpoints", "hooks", "routes_of"]
