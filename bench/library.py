"""Writes what the linter knows of libraries: their classes, aliases and models, as the installed versions have them.

    python -m bench.library OUT_DIR [--only PACKAGE]

Every library of `ROOTS` that can be imported here is introspected; one JSON file is written for each top-level
package. Install the libraries in a virtual environment of their own. `django.contrib.gis` needs GDAL and GEOS: name
their shared libraries in the environment variables GDAL_LIBRARY_PATH and GEOS_LIBRARY_PATH where they are not found.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import importlib.metadata
import importlib.util
import inspect
import io
import json
import os
import pkgutil
import re
import sys
import warnings
from collections import defaultdict
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import click

# Modules whose names are read; ".*" takes in everything below. SQLAlchemy, Celery and pydantic keep internals in
# modules with public names, so what applications import from is listed for them.
ROOTS = {
    "Django": "django.apps.* django.conf django.conf.urls.* django.contrib.* django.core.* django.db "
    "django.db.models.* django.db.transaction django.db.utils django.db.migrations django.dispatch.* django.forms.* "
    "django.http.* django.middleware.* django.shortcuts django.template.* django.templatetags.* django.test.* "
    "django.urls.* django.utils.* django.views.*",
    "SQLAlchemy": "sqlalchemy sqlalchemy.dialects.mysql sqlalchemy.dialects.postgresql sqlalchemy.dialects.sqlite "
    "sqlalchemy.engine sqlalchemy.engine.url sqlalchemy.event sqlalchemy.events sqlalchemy.exc sqlalchemy.ext.* "
    "sqlalchemy.future sqlalchemy.inspection sqlalchemy.orm sqlalchemy.orm.attributes sqlalchemy.orm.collections "
    "sqlalchemy.orm.decl_api sqlalchemy.orm.exc sqlalchemy.orm.query sqlalchemy.orm.session sqlalchemy.pool "
    "sqlalchemy.schema sqlalchemy.sql sqlalchemy.sql.expression sqlalchemy.sql.functions sqlalchemy.sql.schema "
    "sqlalchemy.sql.sqltypes sqlalchemy.types",
    "celery": "celery celery.app celery.app.base celery.app.task celery.canvas celery.contrib.django.task "
    "celery.exceptions celery.result celery.schedules celery.signals celery.states celery.utils.log",
    "pydantic": "pydantic pydantic.dataclasses pydantic.errors pydantic.fields pydantic.functional_serializers "
    "pydantic.functional_validators pydantic.generics pydantic.main pydantic.networks pydantic.root_model "
    "pydantic.type_adapter pydantic.types pydantic.v1",
    "django-allauth": "allauth.*",
    "django-autoslug": "autoslug.*",
    "django-celery-beat": "django_celery_beat.*",
    "django-celery-results": "django_celery_results.*",
    "django-countries": "django_countries.*",
    "django-extensions": "django_extensions.admin.* django_extensions.db.* django_extensions.validators "
    "django_extensions.auth.*",
    "django-extra-views": "extra_views.*",
    "django-filter": "django_filters.*",
    "django-guardian": "guardian.*",
    "django-model-utils": "model_utils.*",
    "django-modelcluster": "modelcluster.*",
    "django-money": "djmoney.*",
    "django-mptt": "mptt.*",
    "django-ninja": "ninja.*",
    "django-ninja-extra": "ninja_extra.*",
    "django-oauth-toolkit": "oauth2_provider.*",
    "django-parler": "parler.*",
    "django-permissionedforms": "permissionedforms.*",
    "django-phonenumber-field": "phonenumber_field.*",
    "django-polymorphic": "polymorphic.*",
    "django-postgres-extra": "psqlextra.fields.* psqlextra.manager.* psqlextra.models.* psqlextra.query "
    "psqlextra.types psqlextra.expressions psqlextra.indexes.* psqlextra.util psqlextra.locking",
    "django-reversion": "reversion.*",
    "django-simple-history": "simple_history.*",
    "django-storages": "storages.*",
    "django-taggit": "taggit.*",
    "django-timezone-field": "timezone_field.*",
    "django-treebeard": "treebeard.*",
    "djangorestframework": "rest_framework.*",
    "djangorestframework-simplejwt": "rest_framework_simplejwt.*",
    "drf-nested-routers": "rest_framework_nested.*",
    "drf-spectacular": "drf_spectacular.*",
    "fastapi": "fastapi.*",
    "fastapi-pagination": "fastapi_pagination.*",
    "fastapi-users": "fastapi_users.*",
    "fastapi-users-db-sqlalchemy": "fastapi_users_db_sqlalchemy.*",
    "fastapi-utils": "fastapi_utils.*",
    "fastapi-versioning": "fastapi_versioning.*",
    "modelsearch": "modelsearch.index modelsearch.models modelsearch.queryset",
    "pydantic-settings": "pydantic_settings.*",
    "sqlmodel": "sqlmodel.*",
    "starlette": "starlette.*",
    "wagtail": "wagtail.*",
}
PACKAGES = {modules.split()[0].partition(".")[0]: name for name, modules in ROOTS.items()}
# Private modules, tests, and what no application subclasses: engines of databases, commands, generated migrations.
SKIP = re.compile(
    r"\.(_\w+|tests?|test_\w+|testapp|runtests|locale|bin|management\.commands|\w*migrations\.\w+|compiler|lookups|jinja2)(\.|$)"
    r"|^django\.(contrib\.(admindocs|gis\.(gdal|management|utils|db\.backends|geos\.))|core\.(servers|serializers\.)"
    r"|core\.management\.|db\.models\.(sql|fields\.related_lookups)|test\.(selenium|runner)|views\.debug)"
    r"|^sqlalchemy\.ext\.mypy|^drf_spectacular\.contrib|^allauth\.(headless|idp|\w+\.internal)"
    r"|^allauth\.socialaccount\.providers\.(?!base|oauth2?\b)|\.wagtail_hooks$"
    r"|^(?!django\.|rest_framework\.|celery\.).*\.(apps|checks|conf|settings|app_settings)$"
    r"|^wagtail\.(actions|api\.v3|contrib\.(redirects|search_promotions)\.(?!models)|(documents|images|locales|users|search)\.(views|backends\.)"
    r"|snippets\.(api|views\.(?!snippets))|admin\.(api|compare|telepath|templatetags|ui|userbar|views|rich_text\.))"
)
KEPT = re.compile(r"^django\.(test|core\.management\.base)(\.|$)")
# Modules whose imports are names to import from as well; elsewhere an import is the module's own affair, unless it is
# in `__all__` or the module is a package.
OPEN = re.compile(
    r"^(rest_framework|fastapi|starlette|sqlmodel|celery|pydantic|pydantic_settings)(\.|$)"
    r"|^sqlalchemy\.(orm|sql|types|schema|engine|ext)\b"
    r"|^django\.(conf\.urls|contrib\.auth|contrib\.contenttypes|core\.(files|mail|paginator|validators)|db|forms|http"
    r"|shortcuts|test|urls|views)(\.|$)"
)
APPS = (
    "django.contrib.admin django.contrib.auth django.contrib.contenttypes django.contrib.flatpages django.contrib.gis "
    "django.contrib.messages django.contrib.postgres django.contrib.redirects django.contrib.sessions "
    "django.contrib.sites django.contrib.staticfiles rest_framework rest_framework.authtoken "
    "rest_framework_simplejwt.token_blacklist taggit mptt treebeard modelcluster wagtail wagtail.admin "
    "wagtail.contrib.forms wagtail.contrib.redirects wagtail.contrib.search_promotions wagtail.contrib.settings "
    "wagtail.documents wagtail.embeds wagtail.images wagtail.search wagtail.sites wagtail.snippets wagtail.users "
    "allauth allauth.account allauth.mfa allauth.socialaccount allauth.usersessions guardian oauth2_provider "
    "django_celery_beat django_celery_results simple_history parler polymorphic django_extensions reversion "
    "django_filters drf_spectacular ninja ninja_extra djmoney djmoney.contrib.exchange phonenumber_field "
    "django_countries timezone_field psqlextra modelsearch"
)
DUNDERS = frozenset(
    "__init__ __new__ __init_subclass__ __call__ __enter__ __exit__ __aenter__ __aexit__ __iter__ __aiter__ __next__ "
    "__anext__ __await__ __getitem__ __setitem__ __contains__ __len__ __bool__ __get__ __set__ __set_name__ "
    "__getattr__ __str__ __eq__ __hash__".split()
)
# Relations by the class of the field; subclasses are found through their bases.
RELATION_FIELDS = {
    "django.db.models.ForeignKey": {"kind": "fk", "reverse_many": True, "to": "argument"},
    "django.db.models.OneToOneField": {"kind": "one_to_one", "to": "argument"},
    "django.db.models.ManyToManyField": {"kind": "m2m", "many": True, "reverse_many": True, "to": "argument"},
    "django.contrib.contenttypes.fields.GenericForeignKey": {"kind": "generic_fk", "reverse_many": True},
    "django.contrib.contenttypes.fields.GenericRelation": {"kind": "generic_relation", "many": True, "to": "argument"},
    "taggit.managers.TaggableManager": {"kind": "tags", "many": True, "reverse_many": True, "to": "taggit.models.Tag"},
}
# Counters and compiler flags: constants by form, but nothing an application means by them.
NOISE = frozenset(
    {
        "auto_creation_counter",
        "creation_counter",
        "wrapper_classes",
        "inherit_cache",
        "is_dml",
        "stringify_dialect",
        "model_config",
    }
)


class Table:
    """Everything found: the paths of every object, the chosen name of each, and the records by package."""

    def __init__(self) -> None:
        self.modules: dict[str, ModuleType] = {}
        self.objects: dict[int, Any] = {}
        self.paths: dict[int, set[str]] = defaultdict(set)
        self.homes: dict[int, set[str]] = defaultdict(set)
        self.names: dict[int, str] = {}
        self.files: dict[str, dict[str, Any]] = {}

    def read(self) -> None:
        """Import every module of `ROOTS`, note the public names in it, and choose one name for each object."""
        for roots in ROOTS.values():
            for root in roots.split():
                self._import(root.removesuffix(".*"), deep=root.endswith(".*"))
        for name, module in self.modules.items():
            self._scan(name, module)
        for key in self.paths:
            if name := self._choose(key):
                self.names[key] = name
        for cls in [one for one in self.objects.values() if _is_class(one)]:
            self.name_of(cls)

    def _import(self, name: str, deep: bool) -> None:
        if SKIP.search(name) and not KEPT.search(name):
            return
        try:
            module = importlib.import_module(name)
        except Exception as error:  # whatever a library raises where something it wants is not there
            click.echo(f"  {name}: {str(error).splitlines()[0][:90] if str(error) else type(error).__name__}", err=True)
            return
        self.modules[name] = module
        # By the spec: a module may answer `__path__` with what it likes.
        below = module.__spec__.submodule_search_locations if module.__spec__ and deep else None
        for found in pkgutil.iter_modules(below) if below else ():
            self._import(f"{name}.{found.name}", deep)

    def _scan(self, name: str, module: ModuleType) -> None:
        bound = _bound(module)
        offered = set(getattr(module, "__all__", None) or ())
        is_open = bool(OPEN.search(name)) or _is_package(module)
        for attribute in sorted(set(dir(module)) | offered):
            if attribute.startswith("_") or not attribute.isidentifier():
                continue
            if attribute not in bound and attribute not in offered and not is_open:
                continue
            with contextlib.suppress(Exception):
                value = getattr(module, attribute)
                if not _is_known(value):
                    continue
                self.objects[id(value)] = value
                self.paths[id(value)].add(f"{name}.{attribute}")
                if attribute in bound:
                    self.homes[id(value)].add(name)

    def _choose(self, key: int) -> str:
        """The public name of an object: from the module that defines it or a package around that, and the shortest.

        Empty where the library that defines it has no public name for it, whatever others call it.
        """
        value, paths = self.objects[key], self.paths[key]
        homes = {value.__module__} if _is_class(value) else self.homes[key]
        if type(value) is FunctionType and value.__module__ in self.modules:
            homes = {value.__module__}
        tops = {home.partition(".")[0] for home in homes}
        own = [path for path in paths if path.partition(".")[0] in tops]
        own_name = getattr(value, "__name__", "") if homes and (_is_class(value) or type(value) is FunctionType) else ""

        def rank(path: str) -> tuple[bool, bool, int, bool, bool, str]:
            module, _, name = path.rpartition(".")
            named = own_name in ("", name)
            around = any(home == module or home.startswith(f"{module}.") for home in homes)
            package = _is_package(self.modules[module])
            return (not around, not named, path.count("."), not package, module not in homes, path)

        return min(own, key=rank, default="")

    def name_of(self, cls: type) -> str | None:
        """The canonical name of a class, which enters the table where its package is listed; None if unnameable."""
        if id(cls) in self.names:
            return self.names[id(cls)]
        name = f"{cls.__module__}.{cls.__qualname__}"
        if _is_made_manager(cls):
            # Its module is where managers are made, whoever asked.
            name = f"{cls._queryset_class.__module__}.{cls.__name__}"  # type: ignore[attr-defined]
        elif not _is_there(cls):
            # Made by a factory; the name it was given by others will do.
            paths = [path for path in self.paths.get(id(cls), ()) if path.endswith(f".{cls.__name__}")]
            if not paths:
                return None
            name = min(paths, key=lambda path: (path.count("."), path))
        if name.partition(".")[0] in PACKAGES:
            self.objects[id(cls)] = cls
            self.names[id(cls)] = name
        return name

    def bases(self, cls: type) -> list[str]:
        """Canonical names of the direct bases; one that has no name of its own is replaced by its bases."""
        found: list[str] = []
        for base in cls.__bases__:
            name = self.name_of(base)
            for one in self.bases(base) if name is None else [name]:
                if one != "builtins.object" and one not in found:
                    found.append(one)
        return found

    def file(self, name: str) -> dict[str, Any]:
        """What is written for the package a dotted name begins with."""
        top = name.partition(".")[0]
        version = importlib.metadata.version(PACKAGES[top])
        empty: dict[str, Any] = {"aliases": {}, "classes": {}, "functions": {}, "models": {}}
        return self.files.setdefault(top, {"distribution": PACKAGES[top], "version": version, **empty})


def _is_package(module: ModuleType) -> bool:
    return Path(module.__file__ or "").stem == "__init__"


def _is_class(value: object) -> bool:
    # Not `isinstance`: the proxies of Django and Celery answer for what they stand for, and may fail to.
    return issubclass(type(value), type)


def _is_made_manager(cls: type) -> bool:
    """Whether `from_queryset` made the class."""
    return cls.__module__ == "django.db.models.manager" and "From" in cls.__name__ and hasattr(cls, "_queryset_class")


def _is_there(cls: type) -> bool:
    """Whether a class is found where it says it is."""
    found: Any = sys.modules.get(cls.__module__)
    for part in cls.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is cls


def _is_known(value: Any) -> bool:
    if _is_class(value) or type(value) is FunctionType:
        return str(value.__module__).partition(".")[0] in PACKAGES
    return type(value).__module__.partition(".")[0] in PACKAGES or type(value) is functools.partial


def _bound(module: ModuleType) -> set[str]:
    """Names that a module's own top-level statements define or assign; all names where there is no source to read."""
    try:
        todo: list[ast.AST] = [ast.parse(inspect.getsource(module))]
    except (OSError, TypeError):
        return set(dir(module))
    names = set()
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        todo.extend(ast.iter_child_nodes(node))
    return names


def _set_up_django() -> None:
    settings = importlib.import_module("django.conf").settings

    apps = [app for app in APPS.split() if _importable(app)]
    paths = {name: os.environ[name] for name in ("GDAL_LIBRARY_PATH", "GEOS_LIBRARY_PATH") if name in os.environ}
    if not paths:
        apps.remove("django.contrib.gis")
    if not (_importable("psycopg2") or _importable("psycopg")):
        apps.remove("django.contrib.postgres")
    settings.configure(
        INSTALLED_APPS=apps,
        SECRET_KEY="x" * 50,
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
            "extra": {"ENGINE": "psqlextra.backend"},
        },
        LANGUAGES=[("en", "English")],
        PARLER_LANGUAGES={None: ({"code": "en"},)},
        GUARDIAN_MONKEY_PATCH_USER=False,
        MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
        ROOT_URLCONF=__name__,
        SITE_ID=1,
        STATIC_URL="/static/",
        WAGTAIL_SITE_NAME="x",
        WAGTAILADMIN_BASE_URL="http://localhost",
        **paths,
    )
    importlib.import_module("django").setup()


def _importable(app: str) -> bool:
    try:
        return importlib.util.find_spec(app) is not None
    except ImportError:
        return False


def _class(table: Table, cls: type) -> dict[str, Any]:
    """The record of a class: bases, names of its own methods by kind, and its literal attributes."""
    found: dict[str, Any] = {"bases": " ".join(table.bases(cls)), "attributes": {}}
    kinds: dict[str, list[str]] = defaultdict(list)
    for name, value in sorted(vars(cls).items()):
        if name.startswith("_") and (name not in DUNDERS or value is None):
            continue
        if kind := _method_kind(cls, name, value):
            kinds[kind].append(name)
        elif not name.startswith("_") and name not in NOISE and not hasattr(cls, "__members__"):
            with contextlib.suppress(ValueError):
                found["attributes"][name] = _literal(table, value)
    found.update((kind, " ".join(names)) for kind, names in kinds.items())
    return {key: value for key, value in found.items() if value}


def _method_kind(cls: type, name: str, value: Any) -> str | None:
    value = getattr(value, "__func__", value)
    queryset = getattr(cls, "_queryset_class", None)
    if type(value) is FunctionType:
        if str(value.__module__).partition(".")[0] in PACKAGES.keys() - {cls.__module__.partition(".")[0]}:
            return None  # put there by another library
        # What `from_queryset` makes hides whether it is a coroutine; the queryset's own method tells.
        told = getattr(queryset, name, value) if _is_made_manager(cls) else value
        return "coroutines" if inspect.iscoroutinefunction(told) else "methods"
    described = type(value).__name__.lower()
    if any(word in described for word in ("cached", "memoized", "reify")):
        return "cached"
    if "property" in described and hasattr(type(value), "__get__"):
        return "properties"
    return "methods" if isinstance(value, functools.partialmethod) else None


def _literal(table: Table, value: Any) -> Any:
    """A small constant as JSON has it, a known class as its canonical name; anything else is a ValueError."""
    if value is None or type(value) in (bool, int, float):
        return value
    if type(value) is str and len(value) <= 60 and not re.search(r"[\s/<]", value.strip("/")):
        return value
    if _is_class(value) and id(value) in table.names:
        return table.names[id(value)]
    if type(value) in (list, tuple, set, frozenset) and len(value) <= 8:
        if any(type(one) in (list, tuple, set, frozenset) for one in value):
            raise ValueError(value)
        found = [_literal(table, one) for one in value]
        return sorted(found, key=str) if isinstance(value, set | frozenset) else found
    raise ValueError(value)


def _model(table: Table, model: Any) -> dict[str, Any]:
    """The record of a model: what is declared on it or copied to it from abstract models, not what it joins to."""
    meta = model._meta
    fields = sorted([*meta.local_fields, *meta.local_many_to_many, *meta.private_fields], key=lambda one: one.name)
    own = [one for one in fields if one in meta.private_fields or one.model is model]
    relations = [found for found in (_relation(table, model, one) for one in own) if found]
    record = {
        "label": meta.label,
        "abstract": meta.abstract,
        "proxy": meta.proxy,
        "swappable": meta.swappable or "",
        "fields": [(one.name, table.name_of(type(one))) for one in own],
        "relations": relations,
        "managers": [_manager(table, one) for one in meta.managers],
        "unique": [one.name for one in own if getattr(one, "unique", False) and not one.primary_key],
    }
    return {key: value for key, value in record.items() if value}


def _relation(table: Table, model: Any, field: Any) -> dict[str, Any] | None:
    record: dict[str, Any] = {"name": field.name}
    if type(field).__name__ == "GenericForeignKey":
        return record
    remote = getattr(field, "remote_field", None)
    if not field.is_relation or remote is None:
        return None
    related = remote.related_name
    if not related:
        related = "%(class)s" if field.one_to_one else "%(class)s_set"
        if not model._meta.abstract:
            related = remote.get_accessor_name() or "+"
    generic = "GenericRel" in type(field).__name__
    record["to"] = _target(table, model, remote.model)
    record["many"] = bool(field.many_to_many or field.one_to_many)
    record["one_to_one"] = bool(field.one_to_one)
    record["related_name"] = "" if generic or related.endswith("+") else related
    return {key: value for key, value in record.items() if value}


def _target(table: Table, model: Any, target: Any) -> str | None:
    apps = importlib.import_module("django.apps").apps
    settings = importlib.import_module("django.conf").settings

    if target == "self" or target is model:
        return "self" if model._meta.abstract else table.name_of(model)
    if target is None:
        return None
    label = target if isinstance(target, str) else target._meta.label
    if label == settings.AUTH_USER_MODEL:
        return "AUTH_USER_MODEL"
    if isinstance(target, str):
        target = apps.get_model(target if "." in target else f"{model._meta.app_label}.{target}")
    return table.name_of(target)


def _manager(table: Table, manager: Any) -> dict[str, Any]:
    try:
        queryset = type(manager.get_queryset())
    except Exception:  # an abstract model's manager has nothing to ask
        queryset = manager._queryset_class
    return {"name": manager.name, "class": table.name_of(type(manager)), "queryset": table.name_of(queryset)}


def _aliases(table: Table) -> None:
    """Group every other path of an object by the module it is found in and the module of its canonical name."""
    grouped: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for key, name in table.names.items():
        value = table.objects[key]
        is_class = _is_class(value)
        paths = set(table.paths[key])
        if value.__qualname__.isidentifier() if type(value) is FunctionType else is_class and _is_there(value):
            paths.add(f"{value.__module__}.{value.__name__}")
        for path in paths - {name}:
            module, _, attribute = path.rpartition(".")
            home, _, real = name.rpartition(".")
            kind = "aliases" if is_class else "functions"
            grouped[kind, module, home].add(attribute if attribute == real else f"{attribute}={real}")
    for (kind, module, home), found in grouped.items():
        table.file(module)[kind].setdefault(module, {})[home] = " ".join(sorted(found))


def build(table: Table) -> None:
    """Fill `table.files`: records of every class and model that was named, then the aliases."""
    model = importlib.import_module("django.db.models").Model
    done: set[int] = set()
    while pending := [key for key in table.names if key not in done and _is_class(table.objects[key])]:
        for key in pending:
            cls, name = table.objects[key], table.names[key]
            done.add(key)
            table.file(name)["classes"][name] = _class(table, cls)
            if issubclass(cls, model) and hasattr(cls, "_meta"):
                table.file(name)["models"][name] = _model(table, cls)
    for name, relation in RELATION_FIELDS.items():
        if name.rpartition(".")[0] not in table.modules and name not in table.names.values():
            continue
        table.file(name).setdefault("relation_fields", {})[name] = relation
    _aliases(table)


def write(folder: Path, files: dict[str, dict[str, Any]]) -> None:
    """One file for each package, one line for each class, module or model."""
    for top, record in sorted(files.items()):
        sections = []
        for key, value in sorted(record.items()):
            text = json.dumps(value)
            if isinstance(value, dict):
                rows = (f"{json.dumps(name)}:{_compact(one)}" for name, one in sorted(value.items()))
                text = "{\n" + ",\n".join(rows) + "\n}"
            sections.append(f"{json.dumps(key)}: {text}")
        (folder / f"{top}.json").write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", default="", help="Write the file of this top-level package alone.")
def main(folder: Path, only: str) -> None:
    """Introspect what is installed and write one JSON file for each package into FOLDER."""
    warnings.simplefilter("ignore")
    _set_up_django()
    table = Table()
    with contextlib.redirect_stdout(io.StringIO()):
        table.read()
        build(table)
    files = {top: record for top, record in table.files.items() if only in ("", top)}
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, files)
    for top in sorted(files):
        size = (folder / f"{top}.json").stat().st_size
        click.echo(f"{top:28} {len(files[top]['classes']):5} classes {len(files[top]['models']):3} models {size:8}")


if __name__ == "__main__":
    main()
