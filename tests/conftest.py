"""The same examples in every run, and no deadline: a slow machine must not fail a test."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
