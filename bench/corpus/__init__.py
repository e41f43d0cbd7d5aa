"""Runs the linter over pinned real projects and keeps track of what it reports."""
