"""What bodies do, worked out on `ast` when asked for: the events that rules are triggered by."""
