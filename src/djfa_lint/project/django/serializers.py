"""The serializers and model forms of a project: declared fields, what ``Meta`` adds, the model."""

from __future__ import annotations

import re

from djfa_lint.project.declared import Lit, Value
from djfa_lint.project.django.declaredfields import Declarer, Listing
from djfa_lint.project.django.named import Named, is_left_out
from djfa_lint.project.entities import Serializer, SerializerField
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_SERIALIZER = "rest_framework.serializers.BaseSerializer"
_LIST = "rest_framework.serializers.ListSerializer"
_FORM = "django.forms.BaseModelForm"
# Libraries keep their serializers in a module of that name, or say in theirs that they belong to DRF.
_UNKNOWN = re.compile(r"^(?!django\.)(.*\.serializers\.|drf_|rest_|.*\bforms\.|.*ModelSerializer$|.*ModelForm$)")


def serializers(linked: Linked) -> tuple[Serializer, ...]:
    """The project's DRF serializers, sorted by name; tests are left out."""
    return _read(linked, _SERIALIZER, "Serializer")


def forms(linked: Linked) -> tuple[Serializer, ...]:
    """The project's model forms, sorted by name; tests are left out."""
    return _read(linked, _FORM, "ModelForm")


def _read(linked: Linked, base: str, ending: str) -> tuple[Serializer, ...]:
    known = {*linked.classes.subclasses(base), *_of_unknown_bases(linked, ending)}
    found = sorted(one for one in known if not is_left_out(linked, one.path))
    if not found:
        return ()
    declarer, named = Declarer(linked, base == _FORM), Named(linked)
    return tuple(_serializer(declarer, named, one) for one in found)


def _of_unknown_bases(linked: Linked, ending: str) -> set[Known]:
    """Classes derived from a library's class that is not in the tables but called like one of the kind."""
    classes, found = linked.classes, set()
    for known, declared in classes.declared.items():
        if any(base.endswith(ending) for base in declared.bases) and not classes.mro(known).complete:
            names = (one.name for one in classes.mro(known).classes if not one.path)
            if any(name.endswith(ending) and _UNKNOWN.search(name) for name in names):
                found.add(known)
    return found


def _serializer(declarer: Declarer, named: Named, known: Known) -> Serializer:
    classes, linker = declarer.classes, declarer.linker
    meta = declarer.meta(known)
    listed, excluded = declarer.listing(meta, "fields"), declarer.listing(meta, "exclude")
    place = listed or excluded or Listing()
    depth = declarer.said(meta, "depth")
    read_only = declarer.listing(meta, "read_only_fields")
    of_list = linker.symbols(declarer.said(meta, "list_serializer_class"))
    return Serializer(
        known,
        known.path,
        classes.declared[known].line,
        named.model(declarer.said(meta, "model"), known),
        _fields(declarer, known, listed, meta),
        listed is not None and listed.everything,
        excluded.names if excluded is not None else (),
        depth.value if isinstance(depth, Lit) and isinstance(depth.value, int) else 0,
        classes.is_a(known, _LIST),
        declarer.is_complete(known) and all(one is None or one.whole for one in (listed, excluded)),
        place.path,
        place.line,
        read_only.names if read_only is not None else (),
        of_list[0] if len(of_list) == 1 else None,
    )


def _fields(
    declarer: Declarer, known: Known, listed: Listing | None, meta: Value | None
) -> tuple[SerializerField, ...]:
    """The declared fields, and those that `Meta.fields` names; where that is a whole list, no others."""
    declared = declarer.fields(known)
    is_form = declarer.classes.is_a(known, _FORM)
    if listed is None or listed.everything or not _has_model(declarer, known, meta):
        return tuple(declared.values())
    sources = declarer.sources(meta)
    found = {
        name: declared.get(name)
        or SerializerField(name, "", listed.path, listed.line, sources.get(name, ""), declared=False)
        for name in listed.names
    }
    # A serializer drops what it inherits and does not list; a form has every field it declares.
    rest = {name: field for name, field in declared.items() if is_form or not listed.whole}
    return tuple({**found, **rest}.values())


def _has_model(declarer: Declarer, known: Known, meta: Value | None) -> bool:
    """Whether `Meta` counts: that of a plain serializer does not, nor one without a model."""
    if declarer.said(meta, "model") in (None, Lit(None)):
        return False
    mro = declarer.classes.mro(known)
    names = ("rest_framework.serializers.ModelSerializer", _FORM)
    return any(one.name in names for one in mro.classes) or not mro.complete
