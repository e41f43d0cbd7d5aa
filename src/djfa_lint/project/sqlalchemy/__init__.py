"""What SQLAlchemy and SQLModel would know of a project: its mapped classes, their columns and relationships."""

from djfa_lint.project.sqlalchemy.mapped import models

__all__ = ["models"]
