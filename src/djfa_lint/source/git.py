"""What git knows of a project's files: the lines changed since a revision, and the files as they were then.

A repository is not trusted. Its configuration and attributes can name programs: filters, drivers for diffs, hooks,
monitors, helpers that fetch what is missing. None of them is run; where one cannot be turned off, nothing is asked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from djfa_lint.errors import ConfigError, DjfaError

_NULL = "/dev/null"  # git knows it by this name on Windows too
_SETTINGS = ("core.fsmonitor=false", f"core.hooksPath={_NULL}", "diff.relative=false")
# What a hook or an alias that started us leaves behind names its repository, perhaps not the one we are asked about.
_KEPT_ENVIRONMENT = ("GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # What is not here is not fetched: both, because older versions of git know only the second.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
_DIFF = (
    *("diff", "--patch", "-U0", "--inter-hunk-context=0", "--no-color", "--no-ext-diff", "--no-textconv", "--text"),
    *("--find-renames", "--ignore-submodules=all", "--src-prefix=a/", "--dst-prefix=b/", f"-O{_NULL}"),
)
_FILTER = re.compile(r"filter\.(?P<name>.*)\.(?P<what>clean|smudge|process|required)", re.DOTALL)
_HUNK = re.compile(rb"@@ -\d+(?:,(?P<removed>\d+))? \+(?P<first>\d+)(?:,(?P<added>\d+))? @@")
_LINK = re.compile(rb"index \S+ 12")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED = dict(zip(b"abtnvfr", b"\a\b\t\n\v\f\r", strict=True))


class Touched(NamedTuple):
    """What changed in a file: its lines (1-based, as git counts them; None means all of it), and the lines after
    which something was taken out."""

    lines: frozenset[int] | None = frozenset()
    cuts: frozenset[int] = frozenset()


@dataclass
class Changes:
    """What changed since a revision: by path, and the old paths of files by their new ones."""

    touched: dict[str, Touched] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)


class Entry(NamedTuple):
    """A file of a revision: its path below the repository's top with ``/``, the id of its content, a link or not."""

    path: str
    id: str
    link: bool


class Repository:
    """The repository that a folder lies in. All paths are relative to that folder, with ``/``."""

    def __init__(self, folder: Path) -> None:
        """`folder` is absolute. Raises ConfigError where git is not installed or the folder is in no repository."""
        git = shutil.which("git")
        if git is None or (os.name == "nt" and Path(git).parent == Path.cwd()):
            raise ConfigError("git is needed to tell what changed, and it is not installed")
        self._git, self._folder = git, folder
        names = (name for name in os.environ if not name.startswith("GIT_") or name in _KEPT_ENVIRONMENT)
        self._environment = {**{name: os.environ[name] for name in names}, **_ENVIRONMENT}
        # Where the folder lies below the repository's top: "" or with a slash at its end.
        self.prefix = os.fsdecode(self._run("rev-parse", "--show-prefix")[:-1])

    def commit(self, revision: str) -> str:
        """The id of the commit that a revision names. Raises ConfigError where it names none."""
        # One that begins with a dash would be an option.
        asked = "" if revision.startswith("-") else f"{revision}^{{commit}}"
        found = self._ask("rev-parse", "--verify", "--quiet", asked).decode().strip()
        if found:
            return found
        hint = ""
        if ".." in revision:
            hint = "; name one revision, not a range"
        elif self._ask("rev-parse", "--is-shallow-repository").strip() == b"true":
            hint = "; this clone is shallow, fetch more of its history"
        raise ConfigError(f"git knows no commit `{revision}` here{hint}")

    def changes(self, commit: str, suffixes: Iterable[str]) -> Changes:
        """What changed between a commit and the files on disk, in files whose names end in one of `suffixes`.

        Files that git does not know yet are new, unless they are ignored.
        """
        patterns = [f"*{suffix}" for suffix in suffixes]
        found = read_patch(self._run(*self._without_filters(), *_DIFF, commit, "--", *patterns), self.prefix)
        new = self._run("ls-files", "--others", "--exclude-standard", "-z", "--", *patterns)
        found.touched.update((os.fsdecode(name), Touched(None)) for name in new.split(b"\0") if name)
        return found

    def entries(self, commit: str) -> Iterator[Entry]:
        """All files of a commit, those outside the folder too; their paths start at the repository's top."""
        for line in self._run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            about, _, name = line.partition(b"\t")
            mode, kind, identity = [*about.decode().split(), "", "", ""][:3]
            if kind == "blob":
                yield Entry(os.fsdecode(name), identity, mode == "120000")

    def contents(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The bytes of files by id. Raises DjfaError where one is not in the repository: a clone may be partial."""
        data = self._run("cat-file", "--batch", stdin="".join(f"{one}\n" for one in ids).encode())
        found: dict[str, bytes] = {}
        at = 0
        for one in ids:
            head, _, _ = data[at : at + 200].partition(b"\n")
            size = head.rpartition(b" ")[2]
            if not size.isdigit():
                raise DjfaError(f"the repository lacks the file contents {one[:12]}; is this a partial clone?")
            start = at + len(head) + 1
            found[one] = data[start : start + int(size)]
            at = start + int(size) + 1
        return found

    def _without_filters(self) -> list[str]:
        """Options that turn off the filters through which git would read the files on disk: they are programs."""
        found = os.fsdecode(self._ask("config", "-z", "--name-only", "--get-regexp", r"^filter\."))
        names = {match["name"] for match in map(_FILTER.fullmatch, found.split("\0")) if match}
        odd = next((name for name in sorted(names) if "=" in name), None)
        if odd is not None:
            # On the command line the name would end at the sign, and the filter stay.
            raise DjfaError(f"the repository's configuration has a filter {odd!a}, which cannot be turned off")
        values = {"clean": "", "smudge": "", "process": "", "required": "false"}
        settings = (f"filter.{name}.{what}={value}" for name in sorted(names) for what, value in values.items())
        return [part for setting in settings for part in ("-c", setting)]

    def _run(self, *args: str, stdin: bytes = b"") -> bytes:
        """What git prints; raises ConfigError with the first line of its complaint."""
        done = self._started(args, stdin)
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").splitlines() or [f"it ended with {done.returncode}"]
            said = next((line for line in lines if line.startswith("fatal: ")), lines[0])
            raise ConfigError(f"git: {said.removeprefix('fatal: ')}")
        return done.stdout

    def _ask(self, *args: str) -> bytes:
        """What git prints, nothing where it fails: the answer to a question is no."""
        done = self._started(args, b"")
        return b"" if done.returncode else done.stdout

    def _started(self, args: Sequence[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        settings = (part for setting in _SETTINGS for part in ("-c", setting))
        command = [self._git, "--no-pager", *settings, *args]
        try:
            return subprocess.run(
                command, cwd=self._folder, env=self._environment, input=stdin, capture_output=True, check=False
            )
        except (OSError, ValueError) as error:
            raise ConfigError(f"git cannot be run: {error}") from error


def read_patch(patch: bytes, prefix: str) -> Changes:
    """What a patch without context changes, in files below `prefix`, which is cut from their paths.

    A file that is new, or is or becomes a link, is changed as a whole.
    """
    found = Changes()
    file = _File()
    left = 0
    for line in patch.split(b"\n"):
        hunk = _HUNK.match(line)
        if left and line.startswith((b"+", b"-")):
            left -= 1  # a line of the file, which may look like anything
        elif line.startswith(b"diff --git "):
            file.tell(found, prefix)
            file = _File()
        elif hunk is None:
            file.read_head(line)
        else:
            left = int(hunk["removed"] or 1) + int(hunk["added"] or 1)
            file.read_hunk(int(hunk["first"]), int(hunk["added"] or 1))
    file.tell(found, prefix)
    return found


@dataclass
class _File:
    """What a patch says of one file."""

    path: bytes = b""
    was: bytes = b""
    whole: bool = False
    lines: set[int] = field(default_factory=set)
    cuts: set[int] = field(default_factory=set)

    def read_head(self, line: bytes) -> None:
        if line.startswith((b"new file mode ", b"new mode 12")) or _LINK.match(line):
            self.whole = True
        elif line.startswith(b"rename from "):
            self.was = _unquoted(line[12:])
        elif line.startswith(b"rename to "):
            self.path = _unquoted(line[10:])
        elif line.startswith(b"+++ ") and line != b"+++ /dev/null":
            # A tab ends a name that holds a space.
            self.path = _unquoted(line[4:].removesuffix(b"\t"))[2:]

    def read_hunk(self, first: int, added: int) -> None:
        self.lines.update(range(first, first + added))
        if not added:
            self.cuts.add(first)

    def tell(self, found: Changes, prefix: str) -> None:
        path, was = os.fsdecode(self.path), os.fsdecode(self.was)
        if not path or not path.startswith(prefix):
            return
        if was.startswith(prefix) and was:
            found.renamed[path.removeprefix(prefix)] = was.removeprefix(prefix)
        lines = None if self.whole else frozenset(self.lines)
        found.touched[path.removeprefix(prefix)] = Touched(lines, frozenset(self.cuts))


def _unquoted(name: bytes) -> bytes:
    """A path as it is, from the form in which git prints one that holds odd characters."""
    return _ESCAPE.sub(_unescaped, name[1:-1]) if name.startswith(b'"') else name


def _unescaped(match: re.Match[bytes]) -> bytes:
    said = match[1]
    return bytes([int(said, 8) if len(said) == 3 else _ESCAPED.get(said[0], said[0])])
