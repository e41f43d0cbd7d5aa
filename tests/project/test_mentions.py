"""Who awaits a coroutine: left over in a project that names the others, awaited only around the requests, or any."""

from __future__ import annotations

from djfa_lint.project.project import Project
from tests.project.linking import project_of

# Twenty coroutines that name each other: a project that names nearly all of its coroutines.
_NAMED = "".join(f"async def named_{number}():\n    await named_{(number + 1) % 20}()\n\n\n" for number in range(20))
_APP = """
    from contextlib import asynccontextmanager
    from fastapi import FastAPI
    from shop.server import Mailer, Server, tick

    server = Server()

    @asynccontextmanager
    async def lifespan(app):
        await server.start()
        async with Mailer():
            yield
        await server.close()
        asyncio.create_task(server.work())

    app = FastAPI(lifespan=lifespan)
"""
_SERVER = """
    class Server:
        async def start(self):
            await self.connect()

        async def connect(self): ...

        async def close(self): ...

        async def work(self): ...

        async def answer(self): ...

    class Mailer:
        async def __aenter__(self): ...
        async def __aexit__(self, *error): ...
"""


def _standing(project: Project, path: str, name: str) -> str:
    function = next(one for one in project.files[path].functions if one.name == name)
    return project.standing(path, function.line)


def _server(name: str, more: str = "", server: str = _SERVER) -> str:
    files = {"shop/__init__.py": "", "shop/app.py": _APP, "shop/server.py": server, "shop/more.py": more}
    return _standing(project_of(files), "shop/server.py", name)


def test_what_only_a_lifespan_awaits_runs_at_the_edge() -> None:
    assert _server("Server.start") == _server("Server.close") == "edge"
    assert _server("Server.connect") == "edge"
    assert _server("Mailer.__aenter__") == _server("Mailer.__aexit__") == "edge"


def test_what_becomes_a_task_or_is_used_elsewhere_does_not() -> None:
    assert _server("Server.work") == ""
    assert _server("Server.close", "async def reload(server):\n    await server.close()\n") == ""
    assert _server("Server.connect", "def later(server):\n    return server.connect\n") == ""
    assert _server("Mailer.__aenter__", "from shop.server import Mailer\nmailer = Mailer()\n") == ""


def test_what_a_script_or_a_private_loop_does_besides_does_not_count() -> None:
    script = "import click\n@click.command()\ndef main(server):\n    server.start()\n"
    files = {"shop/__init__.py": "", "shop/app.py": _APP, "shop/server.py": _SERVER, "shop/cli/check.py": script}
    assert _standing(project_of(files), "shop/server.py", "Server.start") == "edge"
    assert _server("Server.start", "import asyncio\ndef check(server):\n    asyncio.run(server.start())\n") == "edge"
    assert _server("Server.start", "def check(server):\n    server.start()\n") == ""


def _alone(body: str, more: str = "") -> str:
    text = f"import asyncio\nasync def go():\n    {body}\ndef main():\n    asyncio.run(go())\n{more}"
    return _standing(project_of({"shop.py": text}), "shop.py", "go")


def test_what_a_plain_function_runs_has_a_loop_for_itself_unless_it_begins_more() -> None:
    assert _alone("load()") == "alone"
    assert _alone("await asyncio.gather(load(), load())") == ""
    assert _alone("async with asyncio.TaskGroup() as g: g.create_task(load())") == ""
    assert _alone("load()", "async def other():\n    await go()\n") == ""
    assert _alone("load()", "asyncio.run(go())\n") == ""
    inner = "async def inner(): ...\nasync def go():\n    await inner()\ndef main():\n    asyncio.run(go())\n"
    assert _standing(project_of({"shop.py": f"import asyncio\n{inner}"}), "shop.py", "inner") == "alone"


def test_another_function_of_the_name_is_no_user() -> None:
    app = "from fastapi import FastAPI\nasync def life(app):\n    await warm()\nasync def warm(): ...\n"
    files = {"app.py": f"{app}app = FastAPI(lifespan=life)\n", "other.py": "import lib\ndef f():\n    lib.warm()\n"}
    assert _standing(project_of(files), "app.py", "warm") == "edge"
    files["other.py"] = "import app\ndef f():\n    app.warm()\n"
    assert _standing(project_of(files), "app.py", "warm") == ""


def test_a_module_behind_a_package_is_left_over() -> None:
    files = {"shop.py": "async def f(): ...\n", "shop/__init__.py": "async def f(): ...\n"}
    assert _standing(project_of(files), "shop.py", "f") == "left over"
    assert _standing(project_of(files), "shop/__init__.py", "f") == ""


def test_the_lifespan_itself_is_no_edge() -> None:
    files = {"shop/__init__.py": "", "shop/app.py": _APP, "shop/server.py": _SERVER}
    assert _standing(project_of(files), "shop/app.py", "lifespan") == ""


def test_a_test_uses_nothing() -> None:
    files = {"shop/__init__.py": "", "shop/app.py": _APP, "shop/server.py": _SERVER}
    files["tests/test_server.py"] = "async def test_it(server):\n    server.start()\n"
    assert _standing(project_of(files), "shop/server.py", "Server.start") == "edge"


def _left(name: str, more: str, others: str = _NAMED) -> str:
    return _standing(project_of({"shop.py": others + more}), "shop.py", name)


def test_what_nothing_names_is_left_over_where_nearly_all_are_named() -> None:
    assert _left("lonely", "async def lonely(): ...\n") == "left over"
    assert _left("lonely", "async def lonely():\n    await lonely()\n") == "left over"
    assert _left("lonely", "async def lonely(): ...\nlonely\n") == ""
    assert _left("named_3", "") == ""


def test_what_only_left_over_functions_name_is_left_over() -> None:
    assert _left("inner", "async def inner(): ...\nasync def outer():\n    await inner()\n") == "left over"
    assert _left("inner", "async def inner(): ...\n@task\nasync def outer():\n    await inner()\n") == ""


def test_where_most_are_unnamed_they_are_an_interface() -> None:
    assert _left("lonely", "async def lonely(): ...\n", others="") == ""
    many = "".join(f"async def other_{number}(): ...\n" for number in range(20))
    assert _left("lonely", f"{many}async def lonely(): ...\n") == ""


def test_what_a_library_may_call_is_not_left_over() -> None:
    assert _left("lonely", "@app.get('/')\nasync def lonely(): ...\n") == ""
    method = "    async def lonely(self): ...\n"
    assert _left("Job.lonely", f"class Job:\n{method}") == "left over"
    assert _left("Job.lonely", f"import library\nclass Job(library.Job):\n{method}") == ""
    assert _left("Job.lonely", f"class Job(make()):\n{method}") == ""
    assert _left("Job.__call__", "class Job:\n    async def __call__(self): ...\n") == ""
