"""Cognitive complexity, against values computed by hand from SonarSource's rules."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from djfa_lint.flow.complexity import cognitive_complexity

# A comment says what its line adds.
EXAMPLES = {
    "straight": (
        """
        def f(request):
            with open(request) as file:
                return file.read()
        """,
        0,
    ),
    "match counts once": (
        """
        def words(number):
            match number:  # 1
                case 1:
                    return "one"
                case 2:
                    return "a couple"
                case _:
                    return "lots"
        """,
        1,
    ),
    "nesting": (
        """
        def primes(most):
            total = 0
            for i in range(most):  # 1
                for j in range(2, i):  # 2
                    if i % j == 0:  # 3
                        break
                else:  # 1
                    total += i
            return total
        """,
        7,
    ),
    "elif and else cost one, what is in them is nested": (
        """
        def f(a, b, c):
            if a:  # 1
                return 1
            elif b:  # 1
                if c:  # 2
                    return 2
            else:  # 1
                while c:  # 2
                    c -= 1
        """,
        7,
    ),
    "an if in an else is no elif": (
        """
        def f(a, b):
            if a:  # 1
                return 1
            else:  # 1
                if b:  # 2
                    return 2
        """,
        4,
    ),
    "exceptions": (
        """
        def f(a):
            try:
                if a:  # 1
                    g()
            except KeyError:  # 1
                if a:  # 2
                    h()
            except ValueError:  # 1
                pass
            finally:
                a.close()
        """,
        5,
    ),
    "one run of an operator": ("def f(a, b, c): return a and b and c", 1),
    "three runs": ("def f(a, b, c, d): return a and b or c and d", 3),
    "four runs": ("def f(a, b, c, d, e): return a and b or c and d or e", 4),
    "parentheses do not break a run": ("def f(a, b, c): return a and (b and c)", 1),
    "not breaks a run": ("def f(a, b, c): return a and not (b and c)", 2),
    "conditional expressions": (
        """
        def f(a, b):
            return 1 if a else 2 if b else 3  # 1, 2
        """,
        3,
    ),
    "comprehensions": (
        """
        def f(rows):
            plain = [row.name for row in rows]
            return {row.id for row in rows if row.name and row.id}  # 1, 1
        """,
        2,
    ),
    "a nested function is a level": (
        """
        def f(a):
            def inner(b):
                if b:  # 2
                    return lambda c: c if b else a  # 4: in an if, in a lambda
            return inner, a
        """,
        6,
    ),
    "a decorator is no level": (
        """
        def outer(view):
            '''Wraps.'''
            def inner(request):
                if request.user:  # 1
                    return view(request)
            return inner
        """,
        1,
    ),
    "recursion": (
        """
        def f(n):
            return f(n - 1) * f(n - 2) if n else 1  # 1 and once 1
        """,
        2,
    ),
    "recursion of a method": (
        """
        def get(self, n):
            if n:  # 1
                return get(n)
            return self.get(n - 1)  # 1
        """,
        2,
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_complexity(name: str) -> None:
    text, expected = EXAMPLES[name]
    function = ast.parse(dedent(text)).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert cognitive_complexity(function) == expected
