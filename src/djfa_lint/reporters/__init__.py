"""Findings to text, one small module a format; each has ``report(findings, texts) -> str``."""
