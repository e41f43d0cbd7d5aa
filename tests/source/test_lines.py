"""Lines, columns and offsets of a text, and back."""

from __future__ import annotations

import ast
import io
import re
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from djfa_lint.source.comments import read_comments
from djfa_lint.source.directives import noqa_may_speak, python_directives
from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.text import Source, decode_python

TEXTS = st.text(st.sampled_from("ab \t\n\r\f\v\x1c\u0085\u2028é漢𝔘\u0301"), max_size=40)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\r\n\r\r\n", ["", "", ""]),
        ("a\n\n", ["a", ""]),
        ("a\fb\vc\x1cd\u0085e\u2028f\n", ["a\fb\vc\x1cd\u0085e\u2028f"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    table = Lines(text)
    assert [table.line(number) for number in range(1, table.count + 1)] == lines
    assert table.line(table.count + 5) == ""


@given(TEXTS)
def test_every_offset_has_one_place(text: str) -> None:
    table = Lines(text)
    places = [table.position(offset) for offset in range(len(text) + 1)]
    assert len(set(places)) == len(places)
    assert [table.offset(*place) for place in places] == list(range(len(text) + 1))
    assert "".join(table.raw(number, number) for number in range(1, len(table.starts) + 1)) == text


@given(TEXTS, st.data())
def test_spans_cover_what_they_were_made_from(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    table = Lines(text)
    assert table.text_of(table.between(start, end)) == text[start:end]


def test_places_past_the_text_are_its_end() -> None:
    table = Lines("a\nb")
    assert table.offset(9, 1) == table.offset(2, 9) == 3
    assert table.text_of(Span(2, 1, 3, 1)) == "b"


@given(st.text(st.sampled_from("aé漢𝔘\u0301"), min_size=1, max_size=10))
def test_columns_in_bytes(before: str) -> None:
    table = Lines(f"'{before}'; x")
    assert table.column(1, len(f"'{before}'; ".encode())) == len(before) + 5


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_nodes_of_ast(newline: str) -> None:
    text = newline.join(['é = """ß', 'ß"""; x("漢", y)', "if é:", '    "𝔘"', "    z(é,", "      é)"])
    table = Lines(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Name, ast.Call)):
            segment = ast.get_source_segment(text.replace("\r\n", "\n").replace("\r", "\n"), node)
            assert table.text_of(table.span_of(node)) == (segment or "").replace("\n", newline)


@given(st.lists(st.sampled_from(["a", "'é'", '"""ß\n"""', "\n", " ", "# ñ", "(", ")", "\\\n", "漢"]), max_size=12))
def test_columns_are_those_of_the_tokeniser(parts: list[str]) -> None:
    text = "".join(parts) + "\n"
    table = Lines(text)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return
    for token in tokens:
        if token.type in {tokenize.NAME, tokenize.STRING, tokenize.COMMENT}:
            span = Span(token.start[0], token.start[1] + 1, token.end[0], token.end[1] + 1)
            assert table.text_of(span) == token.string


@given(st.lists(st.sampled_from(["x = ", "1", "'''", '"""', "\\\n", "# noqa", "# a", "\n", "(", ")"]), min_size=4))
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_a_noqa_that_speaks_is_never_passed_over(parts: list[str]) -> None:
    """The quick look before tokenising may only be too generous."""
    text = "".join(parts) + "\n"
    table = Lines(text)
    said = python_directives(text, table).noqa
    try:
        names = {node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    except (SyntaxError, ValueError):
        return
    assert all(noqa_may_speak(table, [line]) for line in said.keys() & names)


@given(
    st.lists(
        st.sampled_from(
            [
                "x",
                " = ",
                "'",
                '"',
                "'''",
                '"""',
                "f'",
                'rf"""',
                "\\",
                "\\\n",
                "\r",
                "\r\n",
                "# noqa",
                "{",
                "}",
                "\n",
                "(",
            ]
        ),
        min_size=3,
        max_size=14,
    )
)
@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_comments_are_those_of_the_tokeniser(parts: list[str]) -> None:
    text = "".join(parts) + "# noqa: E1\n"
    found = read_comments(text)
    try:
        names = {node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Name, ast.Constant))}
    except (SyntaxError, ValueError):
        return
    readable = re.sub(r"\r\n?", "\n", text)
    tokens = tokenize.generate_tokens(io.StringIO(readable).readline)
    table = Lines(text)
    if found is not None:
        places = [table.position(start) for start, _ in found.places]
        assert places == [(one.start[0], one.start[1] + 1) for one in tokens if one.type == tokenize.COMMENT]
        # A directive that says nothing here sends the same text to the tokeniser.
        quick, slow = (python_directives(one, table).noqa for one in (text, f"{text}# djfa:\n"))
        assert {line: quick.get(line) for line in names} == {line: slow.get(line) for line in names}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("f'{a} {{b}} {c:>{d}}' # a", True),
        ("f'{a[\"k\"]}' # a", True),
        ("f'{a['k']}' # a", False),
        ("f'{a + 'b' + c}' # a", False),
        ("f'{\"}\"}' + '{' # a", False),
        ("f'''{a # }\n}'''", False),
        ("rf'\\{a}' 'it{' # a", True),
        ("'{' # a", True),
    ],
)
def test_f_strings_that_may_hold_strings_are_left_to_the_tokeniser(text: str, told: bool) -> None:
    found = read_comments(text, nesting=True)
    assert (found is not None) is told
    assert found is None or found.places == ((text.index("#"), len(text)),)


@pytest.mark.parametrize(
    ("data", "encoding", "bom", "newline"),
    [
        (b"", "utf-8", False, "\n"),
        (b"a\r\nb\n", "utf-8", False, "\r\n"),
        (b"a\rb\r\n", "utf-8", False, "\r"),
        (b"a\nb\r\n", "utf-8", False, "\n"),
        (b"\xef\xbb\xbfa\n", "utf-8", True, "\n"),
        (b"# coding: latin-1\n\xe9\n", "iso-8859-1", False, "\n"),
        (b"#!x\n# vim: set fileencoding=cp1252 :\n\x80\n", "cp1252", False, "\n"),
        (b"a\nb\n# coding: latin-1\n", "utf-8", False, "\n"),
    ],
)
def test_bytes_are_written_back_as_they_were(data: bytes, encoding: str, bom: bool, newline: str) -> None:
    source = decode_python(__file__, data)  # type: ignore[arg-type]
    assert isinstance(source, Source)
    assert (source.encoding, source.bom, source.newline) == (encoding, bom, newline)
    assert source.encode(source.text) == data
    assert not source.text.startswith("\ufeff")
