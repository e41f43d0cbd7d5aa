"""Which kinds of node a unit holds, as one integer: the prefilter's alphabet.

Each bit stands for one `ast` node type, or for one *shape*, a finer kind that a node type takes. A rule names libcst
types; `mask_of` says which bits mean that such a node may be there. A libcst type that the table does not know
has all bits, so that an unknown type is never filtered out: the prefilter may only be too generous.
"""

from __future__ import annotations

import ast
from enum import Enum

# The order is part of the facts' encoding: add at the end.
_AST_TYPES = [
    "FunctionDef",
    "AsyncFunctionDef",
    "ClassDef",
    "Return",
    "Delete",
    "Assign",
    "AugAssign",
    "AnnAssign",
    "For",
    "AsyncFor",
    "While",
    "If",
    "With",
    "AsyncWith",
    "Match",
    "Raise",
    "Try",
    "TryStar",
    "Assert",
    "Import",
    "ImportFrom",
    "Global",
    "Nonlocal",
    "Expr",
    "BoolOp",
    "NamedExpr",
    "BinOp",
    "UnaryOp",
    "Lambda",
    "IfExp",
    "Dict",
    "Set",
    "ListComp",
    "SetComp",
    "DictComp",
    "GeneratorExp",
    "Await",
    "Yield",
    "YieldFrom",
    "Compare",
    "Call",
    "JoinedStr",
    "Attribute",
    "Subscript",
    "Starred",
    "List",
    "Tuple",
    "ExceptHandler",
    "TypeAlias",
]

BITS: dict[str, int] = {name: 1 << index for index, name in enumerate(_AST_TYPES)}
_FIRST_SHAPE = 1 << 56


class Shape(Enum):
    """Finer kinds, each a superset of what the rule that names it looks for."""

    BARE_EXCEPT = _FIRST_SHAPE
    """An `except:` without a type."""
    DISPLAY_DEFAULT = _FIRST_SHAPE << 1
    """A parameter whose default is a list, dict or set display or a comprehension."""
    COMPUTED_KEYWORD_DEFAULT = _FIRST_SHAPE << 2
    """A call with a keyword argument `default` that is neither a constant nor a plain or dotted name."""
    SPREAD_CALL = _FIRST_SHAPE << 3
    """A call with a `**` argument that is itself a call or an attribute."""


ALL = (1 << 62) - 1

# libcst type -> the ast types it may come from, where the names differ.
_CST_TO_AST = {
    "FunctionDef": "FunctionDef AsyncFunctionDef",
    "Parameters": "FunctionDef AsyncFunctionDef Lambda",
    "Param": "FunctionDef AsyncFunctionDef Lambda",
    "Decorator": "FunctionDef AsyncFunctionDef ClassDef",
    "ClassDef": "ClassDef",
    "Return": "Return",
    "Del": "Delete",
    "Assign": "Assign",
    "AugAssign": "AugAssign",
    "AnnAssign": "AnnAssign",
    "For": "For AsyncFor",
    "While": "While",
    "If": "If",
    "With": "With AsyncWith",
    "Match": "Match",
    "Raise": "Raise",
    "Try": "Try",
    "TryStar": "TryStar",
    "ExceptHandler": "ExceptHandler",
    "ExceptStarHandler": "ExceptHandler",
    "Assert": "Assert",
    "Import": "Import",
    "ImportFrom": "ImportFrom",
    "Global": "Global",
    "Nonlocal": "Nonlocal",
    "BooleanOperation": "BoolOp",
    "NamedExpr": "NamedExpr",
    "BinaryOperation": "BinOp",
    "Lambda": "Lambda",
    "IfExp": "IfExp",
    "Dict": "Dict",
    "Set": "Set",
    "ListComp": "ListComp",
    "SetComp": "SetComp",
    "DictComp": "DictComp",
    "GeneratorExp": "GeneratorExp",
    "CompFor": "ListComp SetComp DictComp GeneratorExp",
    "Await": "Await",
    "Yield": "Yield YieldFrom",
    "Comparison": "Compare",
    "Call": "Call",
    "FormattedString": "JoinedStr",
    "Attribute": "Attribute Import ImportFrom",
    "Subscript": "Subscript",
    "TypeAlias": "TypeAlias",
}

_MASKS = {name: sum(BITS[part] for part in parts.split()) for name, parts in _CST_TO_AST.items()}


def mask_of(cst_type: str) -> int:
    """The bits of which at least one is set in every unit that holds a libcst node of this type (its class name)."""
    return _MASKS.get(cst_type, ALL)


# Fields that hold no nodes, or only operators and contexts.
_LEAVES = frozenset(
    [
        "ctx",
        "op",
        "ops",
        "type_comment",
        "kind",
        "conversion",
        "simple",
        "level",
        "is_async",
        "name",
        "asname",
        "names",
        "module",
        "attr",
        "rest",
        "kwd_attrs",
        "arg",
    ]
)

# For the walk over `ast`: a type's bit and the fields worth going into.
FIELDS: dict[type[ast.AST], tuple[int, tuple[str, ...]]] = {
    node_type: (BITS.get(node_type.__name__, 0), tuple(f for f in node_type._fields if f not in _LEAVES))
    for node_type in vars(ast).values()
    if isinstance(node_type, type) and issubclass(node_type, ast.AST)
}
