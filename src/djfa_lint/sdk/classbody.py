"""Reading a class body on libcst: its inner classes, what it assigns, the texts written out in a display."""

from __future__ import annotations

import libcst as cst

from djfa_lint.sdk.scopes import dotted


def inner_class(cls: cst.ClassDef, name: str) -> cst.ClassDef | None:
    """The class of this name that stands directly in a class (``Meta``), or None."""
    return next((one for one in cls.body.body if isinstance(one, cst.ClassDef) and one.name.value == name), None)


def assignment_in(cls: cst.ClassDef, name: str) -> cst.Assign | None:
    """The statement that assigns a name directly in a class body, or None."""
    for line in cls.body.body:
        for one in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(one, cst.Assign) and dotted(one.targets[0].target) == name:
                return one
    return None


def value_in(cls: cst.ClassDef, name: str) -> cst.BaseExpression | None:
    """What is assigned to a name directly in a class body, or None."""
    found = assignment_in(cls, name)
    return found.value if found is not None else None


def texts_in(node: cst.BaseExpression | None) -> set[str]:
    """The strings written out in a set, list or tuple, or as keys of a dict; none in anything else."""
    elements = node.elements if isinstance(node, (cst.Dict, cst.Set, cst.List, cst.Tuple)) else ()
    found: set[str] = set()
    for one in elements:
        key = one.key if isinstance(one, cst.DictElement) else getattr(one, "value", None)
        if isinstance(key, cst.SimpleString):
            found.add(str(key.evaluated_value))
    return found
