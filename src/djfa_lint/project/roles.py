"""What a file is for: tests, migrations, generated code and scripts are judged by fewer rules."""

from __future__ import annotations

from enum import Enum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from djfa_lint.facts.records import FileFacts
from djfa_lint.knowledge.roles import (
    ALEMBIC_VERSIONS,
    MIGRATION_FOLDERS,
    TEST_FILES,
    TEST_FOLDERS,
    WEB_FRAMEWORKS,
)


class Role(Enum):
    """What a file is for, besides being part of the application."""

    TEST = "test"
    MIGRATION = "migration"
    GENERATED = "generated"
    SCRIPT = "script"


def roles_of(facts: FileFacts) -> frozenset[Role]:
    """The roles of one file, by its place in the project and by what its own text says."""
    path = PurePosixPath(facts.path)
    folders = path.parts[:-1]
    roles: set[Role] = set()
    if TEST_FOLDERS.intersection(folders) or any(fnmatchcase(path.name, pattern) for pattern in TEST_FILES):
        roles.add(Role.TEST)
    if MIGRATION_FOLDERS.intersection(folders[-1:]) or folders[-2:] == ALEMBIC_VERSIONS:
        roles.add(Role.MIGRATION)
    if facts.generated:
        roles.add(Role.GENERATED)
    if facts.main_guard and not {module.partition(".")[0] for module in facts.imported_modules} & WEB_FRAMEWORKS:
        roles.add(Role.SCRIPT)
    if folders[-2:] == ("management", "commands"):
        roles.add(Role.SCRIPT)
    return frozenset(roles)
