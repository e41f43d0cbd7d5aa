"""Whether a call that may block does so here, as far as the function around it shows: its arguments, what is awaited,
what becomes of a file that is opened, whether anybody else knows a lock.
"""

from __future__ import annotations

import ast

from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.values import Lib
from djfa_lint.knowledge.blocking import Entry
from djfa_lint.source.nodes import children, own_nodes, statement_nodes, walk

Body = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_WAITING = frozenset("read readline readlines readall readinto write writelines truncate flush extractall".split())
# Calls that read or write a handle they are given, on the spot.
_LOADERS = frozenset(
    "json.load json.dump pickle.load pickle.dump yaml.load yaml.safe_load yaml.dump yaml.safe_dump tomllib.load "
    "tomli.load toml.load csv.reader csv.DictReader marshal.load plistlib.load shutil.copyfileobj builtins.list "
    "builtins.sorted builtins.sum builtins.max builtins.min builtins.any builtins.all pandas.read_csv "
    "pandas.read_json pandas.read_excel ast.parse".split()
)
_LOOPS = frozenset("get_running_loop _get_running_loop get_event_loop is_running nest_asyncio in_async_context".split())
_INSIDE = "inside:"


def waits(frame: Frame, entry: Entry, call: ast.Call) -> bool:
    """Whether a call of what a row of the table is about waits here."""
    function = body_of(frame)
    if function is None or is_awaited(frame, call) or not _by_arguments(entry, call):
        return False
    nodes = frame.evaluator.memo(own_nodes, function)
    if entry.kind == "socket" and _is_nonblocking(call, nodes):
        return False
    if entry.opens and not _used_on_the_spot(frame, call, nodes):
        return False
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    return not (entry.shared and is_just_made(frame, receiver))


def entering_waits(entry: Entry, node: ast.With) -> bool:
    """Whether entering or leaving ``with`` waits, by what is done inside: ``inside:await``, ``inside:submit``."""
    inside = [one.removeprefix(_INSIDE) for one in entry.when if one.startswith(_INSIDE)]
    if not inside:
        return True
    parts = [part for statement in node.body for part in statement_nodes(statement)]
    called = {part.func.attr for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)}
    if any(isinstance(part, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for part in parts):
        called.add("await")
    return not called.isdisjoint(inside)


def is_awaited(frame: Frame, node: ast.expr) -> bool:
    """Whether an expression of the function at hand is awaited as it stands."""
    function = body_of(frame)
    return function is not None and id(node) in frame.evaluator.memo(_awaited, function)


def body_of(frame: Frame) -> Body | None:
    """The function at hand, the nested one that is being evaluated where there is one."""
    node = frame.running[-1] if frame.running else frame.root
    return node if isinstance(node, _BODIES) else None


def on_loop(frame: Frame) -> bool:
    """Whether the place at hand runs on an event loop for sure: in a coroutine, and not handed to a thread."""
    around = (frame.root, *frame.running)
    return not frame.threads and any(isinstance(one, ast.AsyncFunctionDef) for one in around)


def asks_for_loop(frame: Frame) -> bool:
    """Whether the function at hand looks first whether an event loop runs, or is ready for the answer."""
    function = body_of(frame)
    if function is None or isinstance(function, ast.AsyncFunctionDef):
        return False
    return bool(frame.trying) or frame.evaluator.memo(_asks, function)


def _asks(function: Body) -> bool:
    names = (part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in walk(function))
    return any(name in _LOOPS for name in names)


def _awaited(function: Body) -> frozenset[int]:
    """The expressions that are awaited as they stand."""
    found: set[int] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.Await):
            found.add(id(node.value))
        elif isinstance(node, ast.AsyncFor) or (isinstance(node, ast.comprehension) and node.is_async):
            found.add(id(node.iter))
        elif isinstance(node, ast.AsyncWith):
            found.update(id(item.context_expr) for item in node.items)
    return frozenset(found)


def _by_arguments(entry: Entry, call: ast.Call) -> bool:
    """Whether the arguments leave the call one that waits; not, where ``*args`` hide what a condition asks for."""
    wanted = [one.removeprefix("arg:") for one in entry.when if not one.startswith(_INSIDE)]
    if not entry.unless and not wanted:
        return True
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(k.arg is None for k in call.keywords):
        return False
    if wanted and not any(_argument(call, one) is not None for one in wanted):
        return False
    for condition in entry.unless:
        where, _, value = condition.partition("=")
        given = _argument(call, where)
        # `False`, `0` and `0.0` say the same to these calls; None does not.
        if isinstance(given, ast.Constant) and given.value == ast.literal_eval(value):
            return False
    return True


def _argument(call: ast.Call, where: str) -> ast.expr | None:
    """An argument by its position ("0") or its keyword."""
    if where.isdigit():
        return call.args[int(where)] if int(where) < len(call.args) else None
    return next((keyword.value for keyword in call.keywords if keyword.arg == where), None)


def _is_nonblocking(call: ast.Call, nodes: list[ast.AST]) -> bool:
    """Whether the socket was set to non-blocking in this very function."""
    if not isinstance(call.func, ast.Attribute):
        return False
    receiver = ast.dump(call.func.value)
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"setblocking", "settimeout"}
        and ast.dump(node.func.value) == receiver
        for node in nodes
    )


def is_just_made(frame: Frame, receiver: ast.expr | None) -> bool:
    """Whether an expression is a variable of the function at hand, made by a call in it."""
    function = body_of(frame)
    if function is None or not isinstance(receiver, ast.Name):
        return False
    return receiver.id in frame.evaluator.memo(_made_here, function)


def _made_here(function: Body) -> frozenset[str]:
    """The variables that only calls are bound to."""
    made: set[str] = set()
    other: set[str] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made.update(one.id for one in node.targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.Assign):
            other.update(one.id for one in node.targets if isinstance(one, ast.Name))
    return frozenset(made - other)


def _used_on_the_spot(frame: Frame, opening: ast.Call, nodes: list[ast.AST]) -> bool:
    """Whether what `opening` gives is read or written in the same function: what is passed on may be so in a thread."""
    function = body_of(frame)
    parents = frame.evaluator.memo(_parents, function) if function is not None else {}
    if _is_used(frame, opening, parents):
        return True
    names = _names_of(opening, nodes)
    return any(
        _is_used(frame, node, parents)
        for node in nodes
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
    )


def _parents(function: Body) -> dict[int, ast.AST]:
    return {id(child): parent for parent in own_nodes(function) for child in children(parent)}


def _names_of(opening: ast.Call, nodes: list[ast.AST]) -> set[str]:
    """The variables a handle is bound to, by assignment or by ``with``."""
    targets: list[ast.expr] = []
    for node in nodes:
        if isinstance(node, ast.withitem) and node.context_expr is opening and node.optional_vars is not None:
            targets.append(node.optional_vars)
        elif isinstance(node, ast.Assign) and node.value is opening:
            targets += node.targets
        elif isinstance(node, ast.NamedExpr) and node.value is opening:
            targets.append(node.target)
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_used(frame: Frame, handle: ast.expr, parents: dict[int, ast.AST]) -> bool:
    parent = parents.get(id(handle))
    if isinstance(parent, ast.Attribute) and parent.attr in _WAITING:
        call = parents.get(id(parent))
        return isinstance(call, ast.Call) and call.func is parent
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is handle
    if isinstance(parent, ast.Call) and handle in parent.args:
        called = frame.quietly(parent.func)
        return isinstance(called, Lib) and called.name in _LOADERS
    return False
