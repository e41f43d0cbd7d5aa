"""Makes ``python -m djfa_lint`` the same as the ``djfa-lint`` command."""

from djfa_lint.surfaces.cli import main

if __name__ == "__main__":
    main()
