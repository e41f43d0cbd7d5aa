"""The endpoints of FastAPI apps, compared with what FastAPI itself says of the same files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from djfa_lint.project import fastapi
from djfa_lint.project.entities import Endpoint
from djfa_lint.project.names import Known
from tests.project.linking import linked_of

# Prints every route of `main.app` with its methods, view, and the names of all that runs before it.
ORACLE = """
import importlib, json, sys
sys.path.insert(0, ".")
app = importlib.import_module("main").app

def name(call):
    call = getattr(call, "func", call)
    call = call if hasattr(call, "__qualname__") else type(call)
    return f"{call.__module__}.{call.__qualname__}".replace(".<locals>", "")

def needs(dependant):
    for one in dependant.dependencies:
        yield one.call
        yield from needs(one)

def flat(routes, prefix=""):
    for route in routes:
        if hasattr(route, "effective_route_contexts"):
            for context in route.effective_route_contexts():
                yield from flat([getattr(context, "starlette_route", None) or Plain(context)], prefix)
        elif hasattr(route, "endpoint"):
            yield prefix + route.path, route
        else:
            yield from flat(getattr(route, "routes", None) or (), prefix + route.path)

class Plain:
    def __init__(self, context):
        self.path, self.endpoint = context.path, context.endpoint
        self.methods, self.dependant = context.methods, context.dependant

found = []
for path, route in flat(app.routes):
    if name(route.endpoint).startswith(("fastapi.", "starlette.")):
        continue
    methods = set(getattr(route, "methods", None) or ())
    methods -= {"HEAD"} if "GET" in methods else set()
    dependant = getattr(route, "dependant", None)
    before = sorted({name(call).removeprefix("fastapi.security.") for call in needs(dependant)}) if dependant else []
    found.append([path, sorted(methods), name(route.endpoint), before])
print(json.dumps(sorted(found)))
"""


def real(texts: dict[str, str], folder: Path) -> list[object]:
    """What FastAPI says of the files."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text), "utf-8")
    run = subprocess.run([sys.executable, "-c", ORACLE], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: list[object] = json.loads(run.stdout)
    return found


def ours(endpoints: tuple[Endpoint, ...]) -> list[object]:
    """The same of the linter."""
    found = []
    for one in endpoints:
        before = sorted({_short(known) for known in one.dependencies})
        found.append([one.route, list(one.methods), one.view.name, before])
    return sorted(found)


def _short(known: Known) -> str:
    # Library classes have their public name here and that of their module there.
    name = known.name.removeprefix("fastapi.security.")
    return {"OAuth2PasswordBearer": "oauth2.OAuth2PasswordBearer", "HTTPBearer": "http.HTTPBearer"}.get(name, name)


NESTED = {
    "main.py": """
        from fastapi import FastAPI, Depends
        from api import api_router, deps
        from settings import settings

        app = FastAPI(dependencies=[Depends(deps.everywhere)])
        app.include_router(api_router, prefix=settings.API_V1_STR)
        app.include_router(api_router, prefix=f"{settings.API_V1_STR}/again", dependencies=[Depends(deps.again)])

        @app.get("/")
        async def root(): ...
        """,
    "settings.py": """
        from pydantic_settings import BaseSettings

        class Settings(BaseSettings):
            API_V1_STR: str = "/api/v1"

        settings = Settings()
        """,
    "api/__init__.py": """
        from fastapi import APIRouter
        from . import users
        from .items import router as items

        api_router = APIRouter()
        api_router.include_router(users.router, tags=["users"])
        api_router.include_router(items, prefix="/items")
        """,
    "api/deps.py": """
        from typing import Annotated
        from fastapi import Depends, Security
        from fastapi.security import OAuth2PasswordBearer

        oauth = OAuth2PasswordBearer(tokenUrl="/token")

        def everywhere(): ...
        def again(): ...
        def session(): yield 1
        SessionDep = Annotated[object, Depends(session)]
        TokenDep = Annotated[str, Depends(oauth)]
        def current_user(db: SessionDep, token: TokenDep): ...
        CurrentUser = Annotated[dict, Security(current_user, scopes=["a"])]
        def admin(user: CurrentUser): ...
        """,
    "api/users.py": """
        from fastapi import APIRouter, Depends
        from .deps import CurrentUser, admin

        router = APIRouter(prefix="/users", dependencies=[Depends(admin)])

        @router.get("/me")
        def me(user: CurrentUser): ...

        @router.api_route("/both", methods=["POST", "get"])
        @router.delete("/both")
        def both(): ...

        @router.websocket("/ws")
        async def ws(websocket, user: CurrentUser): ...
        """,
    "api/items.py": """
        from typing import Optional
        from fastapi import APIRouter, Depends
        from pydantic import BaseModel
        from . import deps

        class Pages:
            def __init__(self, page: int = 1, db=Depends(deps.session)): ...

        class Checker:
            def __init__(self, role: str): ...
            def __call__(self, user: deps.CurrentUser): return user

        class Service:
            def check(self, db=Depends(deps.session)): ...

            @staticmethod
            def static(user: deps.CurrentUser): ...

        def require(role):
            def inner(user: deps.CurrentUser): ...
            return inner

        def through(base):
            def outer(user=Depends(base)): ...
            return outer

        class Item(BaseModel):
            name: str

        service = Service()
        router = APIRouter()

        @router.get("/", response_model=list[Item], dependencies=[Depends(require("a"))])
        def index(pages: Pages = Depends()): ...

        @router.get("/{id}", dependencies=[Depends(Checker("x")), Depends(service.check)])
        @router.get("/through/{id}", dependencies=[Depends(through(deps.again))])
        @router.get("/past/{id}", dependencies=[Depends(through(deps.session)), Depends(Service.static)])
        def one(id: int) -> Optional[Item]: ...

        def added(): ...
        router.add_api_route("/added", added, methods=["PATCH"], dependencies=[Depends(deps.admin)])
        """,
}

FACTORIES = {
    "main.py": """
        from fastapi import FastAPI
        from starlette.routing import Mount, Route
        from make import create_app, handler, Plain

        app = create_app("/v2")
        """,
    "make.py": """
        from fastapi import APIRouter, FastAPI
        from fastapi.routing import APIRoute
        from starlette.endpoints import HTTPEndpoint
        from starlette.applications import Starlette
        from starlette.routing import Mount, Route, WebSocketRoute

        class Plain(HTTPEndpoint):
            async def get(self, request): ...
            async def post(self, request): ...

        async def handler(request): ...
        async def socket(websocket): ...
        def api(): ...

        class Router(APIRouter):
            pass

        def build(name):
            router = Router(prefix=f"/{name}")

            @router.get("/list")
            def listing(): ...

            return router

        def register(app, routers):
            for prefix, router in routers:
                app.include_router(router, prefix=prefix)

        def create_app(version: str) -> FastAPI:
            import extra

            app = FastAPI(routes=[APIRoute("/listed", api, methods=["PUT"])])
            register(app, [(version, build("a")), ("/other", build("b"))])
            for one in (extra.router,):
                app.include_router(one)
            sub = FastAPI()

            @sub.get("/inside")
            async def inside(): ...

            app.mount("/sub", sub)
            app.mount("/plain/", Starlette(routes=[
                Route("/x", handler),
                Route("/y", Plain),
                Mount("/deep", routes=[Route("/z", handler, methods=["POST"]), WebSocketRoute("/w", socket)]),
            ]))
            app.add_route("/added", handler)
            app.add_api_websocket_route("/socket", socket)
            odd = APIRouter(prefix="/odd")
            odd.add_route("/plain", handler)
            odd.add_api_route("/own", api)
            odd.mount("/mounted", sub)
            app.include_router(odd, prefix="/in")
            return app
        """,
    "extra.py": """
        from functools import partial
        from fastapi import APIRouter, Depends

        router = APIRouter(prefix="/extra")

        def needed(a=1): ...

        def signed(path):
            return router.get(path, dependencies=[Depends(partial(needed, a=2))])

        @signed("/helped")
        def helped(): ...

        def by_hand(): ...
        by_hand = router.post("/by-hand")(by_hand)

        class Bound:
            def view(self, q: int = 1): ...

        router.add_api_route("/bound", Bound().view)
        """,
}


@pytest.mark.parametrize("texts", [NESTED, FACTORIES], ids=["nested", "factories"])
def test_endpoints_are_those_of_fastapi(texts: dict[str, str], tmp_path: Path) -> None:
    expected = real(texts, tmp_path)
    assert len(expected) >= 13
    assert ours(fastapi.endpoints(linked_of(texts))) == expected
    app = Known("main.app", path="main.py")
    assert ours(fastapi.routes_of(linked_of(texts), app)) == expected


@pytest.mark.parametrize("texts", [NESTED, FACTORIES], ids=["nested", "factories"])
def test_endpoints_do_not_depend_on_the_order_of_files(texts: dict[str, str]) -> None:
    once = fastapi.endpoints(linked_of(texts))
    assert all(fastapi.endpoints(linked_of(texts, shuffled=seed)) == once for seed in range(5))


def endpoint(texts: dict[str, str], route: str) -> Endpoint:
    (found,) = [one for one in fastapi.endpoints(linked_of(texts)) if one.route == route]
    return found


def test_an_endpoint_tells_where_it_is_and_what_it_answers() -> None:
    index = endpoint(NESTED, "/api/v1/items/")
    assert index.response == Known("api.items.Item", path="api/items.py")
    assert (index.path, index.name, index.framework, index.maybe, index.complete) == (
        "api/items.py",
        "index",
        "fastapi",
        False,
        True,
    )
    assert dedent(NESTED["api/items.py"]).splitlines()[index.line - 1].startswith("@router.get")
    assert index.handlers[0].function == Known("api.items.index", path="api/items.py")
    assert endpoint(NESTED, "/api/v1/items/{id}").response == index.response
    assert endpoint(NESTED, "/api/v1/users/ws").websocket
    plain = endpoint(FACTORIES, "/plain/y")
    assert [(one.function.name, one.methods) for one in plain.handlers] == [
        ("make.Plain.get", ("GET",)),
        ("make.Plain.post", ("POST",)),
    ]


def test_dependencies_are_the_functions_that_run_before() -> None:
    linked = linked_of(NESTED)
    found = [one.name for one in fastapi.dependencies(linked, fastapi.endpoints(linked))]
    assert found == [
        "api.deps.admin",
        "api.deps.again",
        "api.deps.current_user",
        "api.deps.everywhere",
        "api.deps.session",
        "api.items.Service.check",
        "api.items.Service.static",
        "api.items.require.inner",
        "api.items.through.outer",
    ]


ONE = """
    from fastapi import APIRouter, Depends, FastAPI
    from elsewhere import verify
    {}
    """


def only(text: str) -> Endpoint:
    (found,) = fastapi.endpoints(linked_of({"main.py": dedent(ONE).format(dedent(text))}))
    return found


def test_a_router_that_no_app_includes_may_be_one() -> None:
    found = only('router = APIRouter(prefix="/x")\n@router.get("/y")\ndef view(): ...')
    assert (found.route, found.maybe) == ("/x/y", True)


def test_what_stands_under_a_condition_may_be() -> None:
    text = """
        app = FastAPI()
        router = APIRouter()
        @router.get("/y")
        def view(): ...
        if verify:
            app.include_router(router)
        """
    assert only(text).maybe


def test_a_prefix_that_cannot_be_told_says_nothing_beside_one_that_can() -> None:
    text = """
        app = FastAPI()
        router = APIRouter()
        @router.get("/y")
        def view(): ...
        if verify:
            app.include_router(router, prefix=verify.prefix())
        else:
            app.include_router(router, prefix="/api")
        """
    assert only(text).route == "/api/y"


def test_a_path_that_cannot_be_told_gives_no_endpoint() -> None:
    text = "app = FastAPI()\n@app.get(verify.path())\ndef view(): ..."
    assert fastapi.endpoints(linked_of({"main.py": dedent(ONE).format(text)})) == ()


def test_a_dependency_that_cannot_be_told_is_left_out_and_said() -> None:
    found = only('app = FastAPI()\n@app.get("/", dependencies=[Depends(lambda: 1)])\ndef view(): ...')
    assert (found.dependencies, found.complete) == ((), False)
    found = only('app = FastAPI()\n@app.get("/", dependencies=[Depends(verify)])\ndef view(): ...')
    assert (found.dependencies, found.complete) == ((Known("elsewhere.verify"),), True)


def test_an_annotation_that_cannot_be_read_may_hide_a_dependency() -> None:
    texts = {
        "shop/__init__.py": "",
        "shop/main.py": """
            from fastapi import FastAPI, Query, Request
            from shop.unreadable import SessionDep

            app = FastAPI()

            @app.get("/known")
            def known(request: Request, page: SessionDep = Query(1)): ...

            @app.get("/not")
            def unknown(session: SessionDep): ...
            """,
    }
    assert [(one.route, one.complete) for one in fastapi.endpoints(linked_of(texts))] == [
        ("/known", True),
        ("/not", False),
    ]


def test_an_app_that_somebody_passes_is_filled() -> None:
    text = """
        router = APIRouter(prefix="/x")
        @router.get("/y")
        def view(): ...
        async def start(app: FastAPI) -> None:
            app.include_router(router, prefix="/api")
        """
    found = only(text)
    assert (found.route, found.maybe) == ("/api/x/y", False)


def test_a_class_based_view_gives_its_dependencies_to_its_routes() -> None:
    text = """
        from fastapi_utils.cbv import cbv
        from fastapi_utils.inferring_router import InferringRouter
        router = InferringRouter()
        def session(): ...
        @cbv(router)
        class Items:
            db: object = Depends(session)
            @router.get("/items")
            def index(self) -> int: ...
        app = FastAPI()
        app.include_router(router)
        """
    found = only(text)
    assert (found.view.name, [one.name for one in found.dependencies]) == ("main.Items.index", ["main.session"])


def test_a_tuple_of_two_apps_gives_both() -> None:
    text = """
        router = APIRouter()
        @router.get("/y")
        def view(): ...
        app = FastAPI()
        other = FastAPI()
        app.include_router(router, prefix="/a")
        other.include_router(router, prefix="/b")
        """
    found = fastapi.endpoints(linked_of({"main.py": dedent(ONE).format(dedent(text))}))
    assert [one.route for one in found] == ["/a/y", "/b/y"]


def test_routers_that_include_each_other_end() -> None:
    text = """
        a, b = APIRouter(prefix="/a"), APIRouter(prefix="/b")
        a.include_router(b)
        b.include_router(a)
        app = FastAPI()
        app.include_router(a)
        @b.get("/y")
        def view(): ...
        """
    assert only(text).route == "/a/b/y"


def test_hooks_are_what_an_app_runs_besides() -> None:
    text = """
        from contextlib import asynccontextmanager
        from starlette.middleware import Middleware
        from starlette.middleware.base import BaseHTTPMiddleware

        class Timing(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next): ...

        class Pure:
            async def __call__(self, scope, receive, send): ...

        @asynccontextmanager
        async def lifespan(app): yield

        def stop(): ...
        def missing(request, exc): ...
        async def added(request, call_next): ...

        app = FastAPI(
            lifespan=lifespan,
            middleware=[Middleware(Pure)],
            exception_handlers={404: missing},
            on_shutdown=[stop],
        )
        app.add_middleware(Timing)
        app.add_middleware(BaseHTTPMiddleware, dispatch=added)

        @app.middleware("http")
        async def around(request, call_next): ...

        @app.exception_handler(ValueError)
        async def wrong(request, exc): ...

        @app.on_event("startup")
        async def start(): ...
        """
    found = fastapi.hooks(linked_of({"main.py": dedent(ONE).format(dedent(text).replace("{", "{").replace("}", "}"))}))
    assert [(one.kind, one.function.name) for one in found] == [
        ("event", "main.start"),
        ("event", "main.stop"),
        ("exception_handler", "main.missing"),
        ("exception_handler", "main.wrong"),
        ("lifespan", "main.lifespan"),
        ("middleware", "main.Pure.__call__"),
        ("middleware", "main.Timing.dispatch"),
        ("middleware", "main.added"),
        ("middleware", "main.around"),
    ]


def test_a_method_of_the_same_name_on_something_else_is_no_route() -> None:
    text = """
        import flask
        app = flask.Flask(__name__)
        client = verify.client()
        @app.get("/x")
        def view(): ...
        @client.get("/y")
        def other(): ...
        """
    assert fastapi.endpoints(linked_of({"main.py": dedent(ONE).format(dedent(text))})) == ()
