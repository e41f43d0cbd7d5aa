"""DFA4xx: errors and functions."""
