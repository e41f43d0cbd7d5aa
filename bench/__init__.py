"""How fast, and how true on real projects: measurements, not tests."""
