"""Small projects for the tests of the project model."""

from __future__ import annotations

import ast
import random
from textwrap import dedent

from djfa_lint.facts.python import python_facts
from djfa_lint.facts.records import decode, encode
from djfa_lint.project.linked import Linked
from djfa_lint.project.project import Project


def project_of(texts: dict[str, str], others: tuple[str, ...] = (), shuffled: int | None = None) -> Project:
    """A linked project of these files (texts are dedented); with `shuffled` the files come in another order."""
    paths = sorted(texts)
    if shuffled is not None:
        random.Random(shuffled).shuffle(paths)
    files = {}
    for path in paths:
        text = dedent(texts[path])
        files[path] = decode(encode(python_facts(path, "", text, ast.parse(text))))
    return Project(files, others=others)


def linked_of(texts: dict[str, str], others: tuple[str, ...] = (), shuffled: int | None = None) -> Linked:
    """The same, for what is built on a `Linked`."""
    return project_of(texts, others, shuffled).linked
