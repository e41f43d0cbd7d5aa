"""DFA3xx: coroutines and the event loop."""
