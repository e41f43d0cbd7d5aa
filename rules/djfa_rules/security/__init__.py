"""Rules about input and security."""
