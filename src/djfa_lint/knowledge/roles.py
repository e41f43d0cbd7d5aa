"""How a file's place in a project tells what it is for."""

TEST_FOLDERS = frozenset({"tests", "test", "testing", "unittests", "unit_tests"})
TEST_FILES = ("test_*.py", "*_test.py", "tests.py", "conftest.py")
MIGRATION_FOLDERS = frozenset({"migrations"})
ALEMBIC_VERSIONS = ("alembic", "versions")
# What each migration of Alembic says of itself, wherever its folder is.
ALEMBIC_NAMES = frozenset({"revision", "down_revision"})
# A command line has its process to itself: nothing else waits on its event loop.
CLI_FOLDERS = frozenset({"cli", "scripts"})
CLI_FILES = ("cli.py", "__main__.py")
CLI_FRAMEWORKS = frozenset(
    {"argparse", "click", "cyclopts", "docopt", "fire", "prompt_toolkit", "questionary", "readchar", "typer"}
)
CLI_MODULES = frozenset({"rich.prompt"})
# A file with a main guard or a command line framework is a script, unless it imports one of these.
WEB_FRAMEWORKS = frozenset(
    {"fastapi", "starlette", "django", "rest_framework", "ninja", "sanic", "litestar", "aiohttp", "quart"}
)
