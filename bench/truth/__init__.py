"""What Django and FastAPI themselves say of a project, and how far the linter's model agrees."""
