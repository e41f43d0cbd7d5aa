"""How a file's place in a project tells what it is for."""

TEST_FOLDERS = frozenset({"tests", "test", "testing"})
TEST_FILES = ("test_*.py", "*_test.py", "tests.py", "conftest.py")
MIGRATION_FOLDERS = frozenset({"migrations"})
ALEMBIC_VERSIONS = ("alembic", "versions")
# A file with a main guard that imports none of these is a script: nothing else waits on its event loop.
WEB_FRAMEWORKS = frozenset(
    {"fastapi", "starlette", "django", "rest_framework", "ninja", "sanic", "litestar", "aiohttp", "quart"}
)
