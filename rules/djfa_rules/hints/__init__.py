"""Type hints where a framework or another layer calls: endpoints, services, hooks."""
