"""DFA5xx: which code belongs where."""
