"""What an expression can hold: rows, querysets, managers, lists of rows, classes, functions; None is "not known".

Values are immutable and compare by content, so that a body evaluated once for some arguments need not be again.
Places are raw: lines 1-based in the file, columns in UTF-8 bytes from 0 as `ast` has them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from djfa_lint.flow.evaluate.loads import Loads
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known


class Site(NamedTuple):
    """A stretch of source: 1-based lines of the file, columns in bytes from 0."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Made(NamedTuple):
    """The expression that makes rows of a model. `given` stands for what a caller hands in, by its number."""

    site: Site | None
    model: str
    editable: bool = True
    given: int = -1


class Row(NamedTuple):
    """One row. `made` made the rows it is of, or reached it from by `path`; `loop` gives one of them an iteration.

    `new` says that the program made it and it may not be saved yet, `joins` that joins alone lead to it, `below` that
    there are many of it for one of the maker's rows, `one` that those the loop gives belong to one object, `lazy` that
    it is fetched by whoever asks it for anything first, as `request.user` is.
    """

    model: Known
    loads: Loads
    made: Made | None = None
    path: tuple[str, ...] = ()
    loop: Site | None = None
    new: bool = False
    joins: bool = True
    below: bool = False
    one: bool = False
    lazy: bool = False


class Rows(NamedTuple):
    """Rows: a ``manager``, ``queryset``, ``list``, ``iterator``, or ``values`` (dicts and tuples, no instances).

    `level` is how many loops stood around where it was made, `few` that it holds a handful at most. `of` is the row
    whose relation it is, `name` that relation, `served` that a prefetched list can answer for it. `queryset` and
    `manager` are the classes of it, None for Django's own. `ready` says that its rows have been fetched.
    `own` is what a new query through a related manager loads, where `loads` is what its prefetched list has, and
    `asked` the first method that a prefetched list cannot answer. `joins` says that joins alone lead along `path`, and
    that rows may be joined to it: where it locks them, those would be locked too. `fits` says that one prefetch could
    bring what is asked of a relation: it is the same for all rows. `one` says that they belong to one object.
    """

    kind: str
    model: Known
    loads: Loads
    made: Made | None = None
    path: tuple[str, ...] = ()
    level: int = 0
    ordered: bool = False
    few: bool = False
    of: Row | None = None
    name: str = ""
    served: bool = False
    queryset: Known | None = None
    manager: Known | None = None
    ready: bool = False
    own: Loads | None = None
    asked: str = ""
    joins: bool = True
    fits: bool = True
    one: bool = False


class Const(NamedTuple):
    """A constant."""

    value: str | int | float | bytes | bool | complex | None


class Nothing(NamedTuple):
    """What an empty list holds: agrees with everything."""


class Many(NamedTuple):
    """A list, tuple, set or iterator of something; `few` says that there is a handful at most.

    `waits` is what makes whoever goes over it wait: a generator's body runs then, not when it is called.
    """

    item: Value
    few: bool = False
    waits: tuple[Waiting, ...] = ()


class Fixed(NamedTuple):
    """A tuple with these items."""

    items: tuple[Value, ...]


class Zip(NamedTuple):
    """Tuples of one element of each part: ``zip``, ``enumerate``, a list of tuples, a dict's items."""

    parts: tuple[Value, ...]


class Map(NamedTuple):
    """A dict, by the collections of its keys and of its values."""

    keys: Value
    values: Value


class Cls(NamedTuple):
    """A class."""

    known: Known


class Obj(NamedTuple):
    """An instance of a class that is no model, with the attributes its constructor set.

    `exact` says that it is of no derived class, `rows` that its attributes may hold rows. The class may be a library's,
    by the name a table has it under.
    """

    cls: Known
    attrs: tuple[tuple[str, Value], ...] = ()
    exact: bool = False
    rows: bool = False


class Func(NamedTuple):
    """A function or method of the project, bound to `self` if there is one."""

    definition: Definition
    self: Value = None
    bound: bool = False


class OneOf(NamedTuple):
    """One of several classes, functions or objects, and nobody knows which."""

    values: tuple[Cls | Func | Obj, ...]


class Elsewhere(NamedTuple):
    """A function whose calls run in a ``thread`` (``sync_to_async(func)``) or on a ``loop`` of their own."""

    of: Value
    where: str


class Lib(NamedTuple):
    """A function of a library or a builtin, by its canonical name."""

    name: str


class Method(NamedTuple):
    """A method of a value that has no body in the project."""

    of: Value
    name: str


class Super(NamedTuple):
    """``super()`` in a method of `owner`, called on `self`."""

    owner: Known
    self: Value


class Part(NamedTuple):
    """``functools.partial(func, *args, **keywords)``."""

    func: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...] = ()


class Getter(NamedTuple):
    """``operator.attrgetter("a.b")``."""

    names: tuple[str, ...]


class Prefetching(NamedTuple):
    """A ``Prefetch`` object."""

    path: str
    rows: Rows | None
    to_attr: str


class Statement(NamedTuple):
    """A statement of SQLAlchemy about a model, by its bare name; `query` says that it can send itself."""

    model: str
    writes: bool = False
    query: bool = False


class Waiting(Protocol):
    """What makes an event loop wait: `effects.Stall`, which names this module."""

    @property
    def calls(self) -> tuple[Site, ...]:
        """The calls that lead to it, outermost first."""


class Around(Protocol):
    """The frame of the body that a closure stands in."""

    path: str


@dataclass(frozen=True, eq=False)
class Closure:
    """A lambda or nested function, with the names it sees."""

    node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef
    frame: Around
    env: dict[str, Value]


Value = (
    Row
    | Rows
    | Const
    | Nothing
    | Many
    | Fixed
    | Zip
    | Map
    | Cls
    | Obj
    | Func
    | OneOf
    | Elsewhere
    | Lib
    | Method
    | Super
    | Part
    | Getter
    | Prefetching
    | Statement
    | Closure
    | None
)
NOTHING = Nothing()
NULL = Const(None)
