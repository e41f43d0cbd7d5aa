"""What the command line does beyond checking: showing rules and configuration, making a new rule."""
