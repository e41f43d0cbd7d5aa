"""Entry point of `python -m bench.corpus`."""

from bench.corpus.cli import main

if __name__ == "__main__":
    main(prog_name="python -m bench.corpus")
