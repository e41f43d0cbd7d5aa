"""The edits that `bench.edits` makes: each takes the texts of a project's files and gives those of another."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from djfa_lint.flow.queries import Queries
from djfa_lint.project.entities import Model
from djfa_lint.project.project import Project

Texts = Mapping[str, str]
Function = ast.FunctionDef | ast.AsyncFunctionDef
PickedT = TypeVar("PickedT")


class Edited(NamedTuple):
    """The texts after an edit, and what it was."""

    what: str
    texts: dict[str, str]


class Place(NamedTuple):
    """A definition at module level: its file, how it is imported, its node."""

    path: str
    module: str
    node: ast.stmt


def new_file(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A module with a loop over a model."""
    model = _model(draw, project)
    if model is None:
        return None
    name, relation = _bare(model), _relation(draw, model)
    rows = draw.choice(
        [f"{name}.objects.all()", f"{name}.objects.select_related({relation!r})", f"{name}._default_manager"]
    )
    body = f"def listed(request):\n    return [str(row.{relation}) for row in {rows}]\n"
    return _added(draw, project, texts, model.path, f"from {_module(project, model.path)} import {name}\n\n\n{body}")


def shadowing_module(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A file by the name of a library that another imports: what it imports from there is defined here from now on."""
    path, model = _pick(draw, _files(project, texts)), _model(draw, project)
    nodes = ast.walk(ast.parse(texts[path])) if path is not None else ()
    imports = [one for one in nodes if isinstance(one, ast.ImportFrom) and one.module and not one.level]
    found = _pick(draw, [one for one in imports if not project.modules.find(path or "", one.module or "")])
    if found is None or model is None or path is None:
        return None
    folder = draw.choice([PurePosixPath(path).parent, PurePosixPath()])
    new = str(folder / f"{(found.module or '').replace('.', '/')}.py")
    text = f"from {_module(project, model.path)} import {_bare(model)}\n"
    for name in found.names:
        text += f"\n\ndef {name.name}(*args, **kwargs):\n    return {_bare(model)}.objects.all()\n"
    return Edited(new, {**texts, new: text}) if new not in texts and "*" not in text.partition("def ")[0] else None


def moved_module(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A module that has become a package, or has another name that nothing imports."""
    path = _pick(draw, [one for one in _files(project, texts) if not one.endswith("__init__.py")])
    if path is None:
        return None
    stem = path.removesuffix(".py")
    new = draw.choice([f"{stem}/__init__.py", f"{stem}_moved.py"])
    left = {one: text for one, text in texts.items() if one != path}
    return Edited(f"{path} to {new}", {**left, new: texts[path]}) if new not in texts else None


def moved_function(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A function or class that its module imports from a new file from now on."""
    kind = draw.choice([ast.FunctionDef, ast.ClassDef])
    place = _pick(draw, list(_places(project, texts, kind)))
    if place is None or not isinstance(place.node, (ast.FunctionDef, ast.ClassDef)):
        return None
    module, name = f"moved_{draw.randrange(10**6)}", place.node.name
    lines = texts[place.path].split("\n")
    first, last = _first_line(place.node) - 1, place.node.end_lineno or place.node.lineno
    package = place.module if place.path.endswith("__init__.py") else place.module.rpartition(".")[0]
    moved = f"from {package}.{module} import {name}" if package else f"from {module} import {name}"
    kept = "\n".join([*lines[:first], moved, *lines[last:]])
    new = str(PurePosixPath(place.path).parent / f"{module}.py")
    text = f"from {place.module} import *\n\n\n" + "\n".join(lines[first:last]) + "\n"
    return Edited(f"{name} of {place.path}", {**texts, place.path: kept, new: text})


def new_subclass(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A class derived from one of the project that has a method of its own by the same name."""
    place = _pick(draw, list(_places(project, texts, ast.ClassDef)))
    if place is None or not isinstance(place.node, ast.ClassDef):
        return None
    method = _pick(
        draw, [one.name for one in place.node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    )
    name = place.node.name
    does = draw.choice([f"return super().{method}(*args, **kwargs)", "return None", f"return {name}.objects.all()"])
    body = f"    def {method}(self, *args, **kwargs):\n        {does}\n" if method else "    pass\n"
    text = f"from {place.module} import {name}\n\n\nclass Special{draw.randrange(99)}({name}):\n{body}"
    return _added(draw, project, texts, place.path, text, name)


def new_caller(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A function that calls one of the project's with a queryset, or with each row of one."""
    place, model = _pick(draw, list(_places(project, texts, ast.FunctionDef))), _model(draw, project)
    if place is None or model is None or not isinstance(place.node, ast.FunctionDef) or not place.node.args.args:
        return None
    name, row, new = place.node.name, _bare(model), f"calling_{draw.randrange(10**6)}"
    call = draw.choice(
        [
            f"return {name}({row}.objects.all())",
            f"return {name}({row}.objects.select_related({_relation(draw, model)!r}))",
            f"for row in {row}.objects.all():\n        {name}(row)",
        ]
    )
    imports = f"from {place.module} import {name}\nfrom {_module(project, model.path)} import {row}\n"
    return _added(draw, project, texts, place.path, f"{imports}\n\ndef {new}():\n    {call}\n", name)


def renamed_relation(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A field, relation or manager under another name, or a relation with another way back."""
    model = _model(draw, project)
    if model is None or model.path not in texts:
        return None
    classes = [one for one in ast.walk(ast.parse(texts[model.path])) if isinstance(one, ast.ClassDef)]
    of_model = [one for one in classes if one.name == _bare(model)]
    assigned = [
        one for cls in of_model for one in cls.body if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call)
    ]
    statement = _pick(draw, assigned)
    if statement is None or not isinstance(statement.targets[0], ast.Name):
        return None
    target = statement.targets[0]
    back = [one.value for one in ast.walk(statement) if isinstance(one, ast.keyword) and one.arg == "related_name"]
    if back and draw.random() < 0.5:
        return _cut(texts, model.path, back[0], f'"back_{draw.randrange(99)}"', f"related_name of {target.id}")
    return _cut(texts, model.path, target, f"{target.id}_renamed", target.id)


def changed_loading(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A loader taken out of a queryset, or put into one."""
    path = _pick(draw, _files(project, texts))
    if path is None:
        return None
    attributes = [one for one in ast.walk(ast.parse(texts[path])) if isinstance(one, ast.Call)]
    calls = [(one, one.func) for one in attributes if isinstance(one.func, ast.Attribute)]
    loaders = [
        (one, func) for one, func in calls if func.attr in {"select_related", "prefetch_related", "only", "defer"}
    ]
    makers = [(one, func) for one, func in calls if func.attr in {"all", "filter", "exclude", "order_by", "annotate"}]
    chosen = _pick(draw, loaders if loaders and draw.random() < 0.6 else makers)
    if chosen is None:
        return None
    call, func = chosen
    if chosen in loaders:
        return _cut(texts, path, call, ast.unparse(func.value), f"{path}:{call.lineno} without {func.attr}")
    model = _model(draw, project)
    loader = draw.choice(["select_related", "prefetch_related"])
    name = _relation(draw, model) if model is not None else "customer"
    return _cut(texts, path, call, f"{ast.unparse(call)}.{loader}({name!r})", f"{path}:{call.lineno} with {loader}")


def changed_body(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A function with a statement more, with the body of another, or with none."""
    path = _pick(draw, _files(project, texts))
    tree = ast.parse(texts[path]) if path is not None else ast.Module([], [])
    functions = [one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    function = _pick(draw, [one for one in functions if one.body[0].lineno > one.lineno])
    if function is None or path is None:
        return None
    indent = " " * function.body[0].col_offset
    what = f"{path}:{function.lineno} {function.name}"
    how = draw.choice(["more", "other", "none", "line"])
    if how == "none":
        return _rebodied(texts, path, function, f"{indent}return None\n", f"{what} does nothing")
    if how == "other":
        other = draw.choice(functions)
        text = "".join(_indented(ast.unparse(one), indent) for one in other.body)
        return _rebodied(texts, path, function, text, f"{what} has the body of {other.name}")
    if how == "line":
        return Edited(f"{path} moved down", {**texts, path: "import sys  # noqa: F401\n" + _late_future(texts[path])})
    model = _model(draw, project)
    names = [one.arg for one in function.args.args] or ["self"]
    rows = f"type({names[0]}).objects.all()" if model is None else draw.choice([names[-1], f"{names[0]}.orders.all()"])
    relation = _relation(draw, model) if model is not None else "customer"
    more = f"{indent}for extra in {rows}:\n{indent}    extra.{relation}.pk\n{indent}    extra.save()\n"
    kept = "".join(_indented(ast.unparse(one), indent) for one in function.body)
    return _rebodied(texts, path, function, more + kept, f"{what} does more")


def deleted_file(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A file less."""
    path = _pick(draw, _files(project, texts))
    return Edited(path, {one: text for one, text in texts.items() if one != path}) if path is not None else None


def changed_project(draw: random.Random, project: Project, texts: Texts) -> Edited | None:
    """A receiver of a model's signals, or another setting."""
    model = _model(draw, project)
    if model is None:
        return None
    settings = [path for path in sorted(texts) if "INSTALLED_APPS" in texts[path] and "settings" in path]
    if settings and draw.random() < 0.5:
        path = draw.choice(settings)
        setting = draw.choice([f"AUTH_USER_MODEL = {model.label!r}", "INSTALLED_APPS = []"])
        return Edited(f"{path}: {setting}", {**texts, path: f"{texts[path]}\n{setting}\n"})
    signal, name = draw.choice(["pre_save", "post_save", "post_delete"]), _bare(model)
    text = (
        f"from django.db.models.signals import {signal}\nfrom django.dispatch import receiver\n"
        f"from {_module(project, model.path)} import {name}\n\n\n"
        f"@receiver({signal}, sender={name})\ndef heard(sender, **kwargs):\n    pass\n"
    )
    return _added(draw, project, texts, model.path, text, f"{signal} of {name}")


EDITS: Mapping[str, Callable[[random.Random, Project, Texts], Edited | None]] = {
    "new file": new_file,
    "shadowing module": shadowing_module,
    "moved module": moved_module,
    "moved function": moved_function,
    "new subclass": new_subclass,
    "new caller": new_caller,
    "renamed relation": renamed_relation,
    "changed loading": changed_loading,
    "changed body": changed_body,
    "deleted file": deleted_file,
    "receiver or setting": changed_project,
}


def _pick(draw: random.Random, some: Sequence[PickedT]) -> PickedT | None:
    return draw.choice(some) if some else None


def _files(project: Project, texts: Texts) -> list[str]:
    """The files that are worth an edit."""
    return [path for path in Queries.files(project) if texts[path].strip()] or sorted(texts)


def _model(draw: random.Random, project: Project) -> Model | None:
    """A Django model with a relation of its own."""
    models = [
        one for _, one in sorted(project.frameworks.models.items()) if one.framework == "django" and one.relations
    ]
    return _pick(draw, models)


def _bare(model: Model) -> str:
    return model.known.name.rpartition(".")[2]


def _relation(draw: random.Random, model: Model) -> str:
    return draw.choice(sorted(one.name for one in model.relations))


def _module(project: Project, path: str) -> str:
    return project.modules.name(path)


def _places(project: Project, texts: Texts, kind: type[ast.stmt]) -> Iterator[Place]:
    for path in _files(project, texts):
        for node in ast.parse(texts[path]).body:
            if isinstance(node, kind):
                yield Place(path, _module(project, path), node)


def _first_line(node: ast.FunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _added(draw: random.Random, project: Project, texts: Texts, beside: str, text: str, what: str = "") -> Edited:
    """A text as a file of its own beside another, or at the end of one that there is."""
    if draw.random() < 0.4:
        path = draw.choice(_files(project, texts))
        return Edited(f"{what} in {path}".strip(), {**texts, path: f"{texts[path]}\n\n{text}"})
    path = str(PurePosixPath(beside).parent / f"added_{draw.randrange(10**6)}.py")
    return Edited(f"{what} in {path}".strip(), {**texts, path: text})


def _cut(texts: Texts, path: str, node: ast.expr, by: str, what: str) -> Edited:
    """A node's text replaced."""
    lines = texts[path].encode().split(b"\n")
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    joined = lines[first][: node.col_offset] + by.encode() + lines[last][node.end_col_offset :]
    text = b"\n".join([*lines[:first], joined, *lines[last + 1 :]]).decode()
    return Edited(what, {**texts, path: text})


def _rebodied(texts: Texts, path: str, function: Function, body: str, what: str) -> Edited:
    lines = texts[path].split("\n")
    first, last = function.body[0].lineno - 1, function.end_lineno or function.lineno
    return Edited(what, {**texts, path: "\n".join([*lines[:first], body.rstrip("\n"), *lines[last:]])})


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in text.split("\n"))


def _late_future(text: str) -> str:
    """A text that something may stand before."""
    return text.replace("from __future__ import annotations\n", "")
