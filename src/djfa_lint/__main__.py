"""Makes ``python -m djfa_lint`` the same as the ``djfa-lint`` command."""

import sys

if __name__ == "__main__":
    # `python -m` puts the current folder first: a `json.py` of the project under analysis would be run.
    if not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
        sys.path.pop(0)
    from djfa_lint.surfaces.cli import main

    main(prog_name="djfa-lint")
