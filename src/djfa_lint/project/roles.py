"""What a file is for: tests, migrations, generated code and scripts are judged by fewer rules."""

from __future__ import annotations

from enum import Enum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from djfa_lint.facts.records import FileFacts
from djfa_lint.knowledge import roles as known


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
    if known.TEST_FOLDERS.intersection(folders) or any(fnmatchcase(path.name, one) for one in known.TEST_FILES):
        roles.add(Role.TEST)
    if known.MIGRATION_FOLDERS.intersection(folders[-1:]) or _is_of_alembic(facts, path):
        roles.add(Role.MIGRATION)
    if facts.generated:
        roles.add(Role.GENERATED)
    if _is_script(facts, path):
        roles.add(Role.SCRIPT)
    return frozenset(roles)


def _is_of_alembic(facts: FileFacts, path: PurePosixPath) -> bool:
    """Whether a file is one of Alembic's migrations, or the one that runs them."""
    if path.parts[-3:-1] == known.ALEMBIC_VERSIONS or facts.bindings.keys() >= known.ALEMBIC_NAMES:
        return True
    return path.name == "env.py" and "alembic" in facts.imported_modules


def _is_script(facts: FileFacts, path: PurePosixPath) -> bool:
    folders = path.parts[:-1]
    if folders[-2:] == ("management", "commands"):
        return True
    if known.CLI_FOLDERS.intersection(folders) or path.name in known.CLI_FILES:
        return True
    imported = {module.partition(".")[0] for module in facts.imported_modules}
    asks_a_person = not known.CLI_MODULES.isdisjoint(facts.imported_modules)
    runs_alone = facts.main_guard or asks_a_person or not imported.isdisjoint(known.CLI_FRAMEWORKS)
    return runs_alone and imported.isdisjoint(known.WEB_FRAMEWORKS)
