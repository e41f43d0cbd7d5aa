"""`except:` without a type catches everything, shutdown and cancellation included.

Why it matters: a bare `except:` also catches `KeyboardInterrupt`, `SystemExit` and, in a coroutine, the
`CancelledError` that ends a request or a task. A worker that swallows them cannot be stopped, and a typo inside the
`try` looks like the error that was expected.

Bad::

    def total(order):
        try:
            return order.lines.total()
        except:  # want DFA401
            return 0

Good::

    def total(order):
        try:
            return order.lines.total()
        except LookupError:
            return 0

Not reported: a handler that always re-raises what it caught (it cleans up and lets the error go on), whatever else it
does first.

Fix (unsafe): `except Exception:`, which lets shutdown and cancellation through. Naming the errors you expect is better.
"""

from collections.abc import Sequence

import libcst as cst

from djfa_lint.sdk import Context, Findings, Fix, Role, Rule, Shape, walk

rule = Rule(
    __name__,
    __doc__,
    code="DFA401",
    since="0.1",
    category="correctness",
    skips=(Role.GENERATED,),
    same_as=("E722", "B001"),
)


@rule.on(cst.ExceptHandler, only=Shape.BARE_EXCEPT)
def check(handler: cst.ExceptHandler, ctx: Context) -> Findings:
    """Report a handler without a type that does not always re-raise."""
    if handler.type is not None or _always_reraises(_statements(handler.body)):
        return
    header = ctx.header(handler)
    caught = "`KeyboardInterrupt` and `SystemExit`"
    if _may_be_cancelled(ctx):
        caught = "task cancellation, `KeyboardInterrupt` and `SystemExit`"
    yield rule.at(
        header,
        f"`except:` also catches {caught}; name the exceptions you expect, or catch `Exception`",
        fix=Fix.unsafe("catch `Exception`", ctx.replace(header, "except Exception:")),
    )


def _may_be_cancelled(ctx: Context) -> bool:
    """Whether the `try` waits for something in a coroutine: only there a cancellation arrives."""
    functions = [node for node in ctx.ancestors if isinstance(node, (cst.FunctionDef, cst.Lambda))]
    if not functions or getattr(functions[-1], "asynchronous", None) is None or not isinstance(ctx.parent, cst.Try):
        return False
    return any(
        isinstance(node, (cst.Await, cst.Yield)) or getattr(node, "asynchronous", None) is not None
        for node in walk(ctx.parent.body)
    )


def _statements(body: cst.BaseSuite) -> Sequence[cst.CSTNode]:
    """The statements of a block, simple ones unpacked from their lines."""
    found: list[cst.CSTNode] = []
    for statement in body.body:
        found += statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
    return found


def _always_reraises(statements: Sequence[cst.CSTNode]) -> bool:
    """Whether no way through these statements ends without a plain ``raise``."""
    for statement in statements:
        if isinstance(statement, (cst.Return, cst.Break, cst.Continue)):
            return False
        if _leaves_early(statement):
            return False
        if _reraises(statement):
            return True
    return False


def _reraises(statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.Raise):
        return statement.exc is None
    if isinstance(statement, cst.With):
        return _always_reraises(_statements(statement.body))
    if isinstance(statement, cst.If):
        other = statement.orelse
        if other is None:
            return False
        otherwise = _reraises(other) if isinstance(other, cst.If) else _always_reraises(_statements(other.body))
        return otherwise and _always_reraises(_statements(statement.body))
    if isinstance(statement, cst.Try):
        return statement.finalbody is not None and _always_reraises(_statements(statement.finalbody.body))
    return False


def _leaves_early(statement: cst.CSTNode) -> bool:
    """Whether a compound statement may return, and so keep what was caught from going on."""
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
        return False
    if isinstance(statement, cst.Return):
        return True
    return any(_leaves_early(child) for child in statement.children if isinstance(child, cst.CSTNode))
