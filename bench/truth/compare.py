"""Compares the linter's project model with what the frameworks themselves know of a project.

`python -m bench.truth.compare TRUTH.json MODEL.json [--verbose]`, where a script of this folder wrote the first and
`djfa-lint project --output-format json` the second.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from bench.truth.names import normal_route, pair, same_name

SHOWN = 40
MODELS_OF = {"django": {"django"}, "fastapi": {"sqlalchemy", "sqlmodel"}}
ENDPOINTS_OF = {"django": {"django", "drf", "ninja"}, "fastapi": {"fastapi"}}
# True, but no reading of the project's own text can find them, or nobody wants them found.
SET_ASIDE = ("outside", "dynamic", "format_suffix")


@dataclass
class Tally:
    """How one kind of thing compares."""

    title: str
    truth: int = 0
    ours: int = 0
    missing: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        """How many of the truth's things the model has."""
        return self.truth - len(self.missing)

    def line(self) -> str:
        """The tally as a row of the table."""
        found, wrong = _share(self.found, self.truth), _share(len(self.wrong), self.ours)
        return f"{self.title:<28}{self.truth:>7}{self.found:>7}{found:>8}{self.ours:>7}{len(self.wrong):>7}{wrong:>8}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def compare(truth: dict[str, Any], model: dict[str, Any]) -> list[Tally]:
    """The tallies of models, relations (with and without those from outside) and endpoints."""
    framework = truth["framework"]
    ours = {
        one["name"]: one
        for one in model["models"]
        if one["framework"] in MODELS_OF[framework] and not one.get("abstract")
    }
    pairs = pair(truth["models"], ours)
    endpoints = [one for one in model["endpoints"] if one["framework"] in ENDPOINTS_OF[framework]]
    return [
        compare_models(truth, ours, pairs),
        *compare_relations(truth["models"], ours, pairs),
        *compare_endpoints(truth, endpoints),
    ]


def compare_models(truth: dict[str, Any], ours: dict[str, Any], pairs: dict[str, str]) -> Tally:
    """Which models are known; one made at run time is no mistake when the model has it."""
    matched = {*pairs.values(), *pair(truth.get("dynamic_models", ()), ours).values()}
    missing = sorted(name for name in truth["models"] if name not in pairs)
    return Tally("models", len(truth["models"]), len(ours), missing, sorted(set(ours) - matched))


def compare_relations(truth: dict[str, Any], ours: dict[str, Any], pairs: dict[str, str]) -> tuple[Tally, Tally]:
    """Which relations are known: all of them, and those whose other side the project wrote."""
    every, own = Tally("relations"), Tally("  without outside")
    for name, entry in truth.items():
        mine = list(ours[pairs[name]]["relations"]) if name in pairs else []
        for tally in (every, own):
            tally.ours += len(mine)
        for relation in entry["relations"]:
            match = next((one for one in mine if _same_relation(relation, one, truth)), None)
            if match:
                mine.remove(match)
            outside = relation.get("outside", False)
            own.ours -= bool(outside and match)
            for tally in [every] if outside else [every, own]:
                tally.truth += 1
                tally.missing += [] if match else [_relation_text(name, relation)]
        # A target left open is a gap, not a false claim.
        known = {(one["name"], one["many"]) for one in entry["relations"]}
        false = [one for one in mine if one["to"] or (one["name"], bool(one["many"])) not in known]
        for tally in (every, own):
            tally.wrong += [_relation_text(name, relation) for relation in false]
    return every, own


def _same_relation(truth: dict[str, Any], ours: dict[str, Any], models: dict[str, Any]) -> bool:
    if (truth["name"], truth["many"]) != (ours["name"], bool(ours["many"])):
        return False
    if ours["to"] is None:
        # The linter reads the project's own files, so it cannot name a model that is written elsewhere.
        return truth["to"] not in models
    return truth["to"] is not None and same_name(truth["to"], ours["to"])


def _relation_text(model: str, relation: dict[str, Any]) -> str:
    marks = [mark for mark in ("reverse", "outside") if relation.get(mark)]
    base = relation.get("declared_in")
    marks += [f"from {base}"] if base else []
    arrow = "->>" if relation["many"] else "->"
    return f"{model}.{relation['name']} {arrow} {relation['to']}" + (f" ({', '.join(marks)})" if marks else "")


Place = tuple[str, str]


def _places(endpoints: Iterable[dict[str, Any]], by_method: bool) -> dict[Place, set[str]]:
    """The views by normal route and method; a web socket counts as a method of its own."""
    places: defaultdict[Place, set[str]] = defaultdict(set)
    for one in endpoints:
        if one["route"] is None or not one["view"]:
            continue
        methods = one.get("methods") or ["WEBSOCKET"]
        for method in methods if by_method else [""]:
            places[normal_route(one["route"]), method.upper()].add(one["view"].replace(".<locals>", ""))
    return places


def compare_endpoints(truth: dict[str, Any], ours: list[dict[str, Any]]) -> list[Tally]:
    """Which addresses are known, and the true ones no static reading is asked for."""
    by_method = truth["framework"] == "fastapi"
    plain = [one for one in truth["endpoints"] if not any(one.get(mark) for mark in SET_ASIDE)]
    aside = [one for one in truth["endpoints"] if any(one.get(mark) for mark in SET_ASIDE)]
    places = _places(ours, by_method)
    tally, matched = _tally_places("endpoints", _places(plain, by_method), places)
    rest, also = _tally_places("  set aside (no share)", _places(aside, by_method), places)
    foreign = _places(truth.get("outside_endpoints", ()), by_method)
    wrong = {(place, view) for place, views in places.items() for view in views} - matched - also
    wrong = {(place, view) for place, view in wrong if not _leads_outside(view, foreign.get(place, set()))}
    certain = _places([one for one in ours if not one.get("maybe")], by_method)
    # What stands under a condition may be true of the project and not of the configuration the truth was taken in.
    unsure = {(place, view) for place, views in places.items() for view in views - certain.get(place, set())}
    tally.ours = sum(len(views) for views in places.values())
    tally.wrong = sorted(_place_text(place, view) for place, view in wrong - unsure)
    perhaps = Tally("  under a condition", 0, len(unsure), [], sorted(_place_text(*one) for one in wrong & unsure))
    rest.missing.sort()
    return [tally, *([rest] if rest.truth else []), *([perhaps] if unsure else [])]


def _tally_places(
    title: str, truth: dict[Place, set[str]], ours: dict[Place, set[str]]
) -> tuple[Tally, set[tuple[Place, str]]]:
    """The tally of what is found, and which of ours was found."""
    tally = Tally(title)
    matched: set[tuple[Place, str]] = set()
    for place, views in sorted(truth.items()):
        pairs = pair(sorted(views), sorted(ours.get(place, ())))
        matched.update((place, view) for view in pairs.values())
        tally.truth += len(views)
        tally.missing += [_place_text(place, view) for view in sorted(views - set(pairs))]
    return tally, matched


def _leads_outside(view: str, foreign: set[str]) -> bool:
    """Whether a view is the installed one at its place, which the project may import from a shorter path."""
    return view.rpartition(".")[2] in {name.rpartition(".")[2] for name in foreign}


def _place_text(place: Place, view: str) -> str:
    route, method = place
    return f"{method} /{route} {view}".strip()


def _listing(title: str, items: list[str]) -> Iterable[str]:
    if not items:
        return
    yield f"\n{title}: {len(items)}"
    yield from (f"  {item}" for item in items[:SHOWN])
    if len(items) > SHOWN:
        yield f"  … and {len(items) - SHOWN} more"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("truth", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verbose", is_flag=True, help=f"List what is missing and what is wrong, at most {SHOWN} of each.")
def main(truth: Path, model: Path, verbose: bool) -> None:
    """Compare MODEL, the linter's view of a project, with TRUTH, what its framework says of it."""
    tallies = compare(json.loads(truth.read_text("utf-8")), json.loads(model.read_text("utf-8")))
    click.echo(f"{'':<28}{'truth':>7}{'found':>7}{'share':>8}{'ours':>7}{'wrong':>7}{'share':>8}")
    for tally in tallies:
        click.echo(tally.line())
    if verbose:
        for tally in tallies:
            name = tally.title.strip()
            if name == "without outside":
                continue
            for line in (*_listing(f"{name} missing", tally.missing), *_listing(f"{name} wrong", tally.wrong)):
                click.echo(line)


if __name__ == "__main__":
    main(prog_name="python -m bench.truth.compare")
