"""FEEL, the expression language of DMN 1.5, as conditions, rules, due times and decision tables are written.

    from service.feel import compile, evaluate, unary
    evaluate('dispatch.urgency = "urgent"', {"dispatch": {"urgency": "urgent"}})

Compiled once to closures and cached. Content can reach nothing but the values handed in and the functions named
by the host: there is no way to an attribute or an object of Python.
"""

from service.feel.builtins import BUILTINS
from service.feel.errors import FeelError, FeelLimit
from service.feel.expression import (
    Expression,
    Functions,
    UnaryTests,
    Variables,
    compile,
    compile_unary,
    evaluate,
    unary,
)
from service.feel.limits import Limits
from service.feel.values import FeelFunction, Range, YearsMonths

BUILTIN_NAMES = frozenset(BUILTINS) | {"now", "today"}

__all__ = [
    "BUILTIN_NAMES",
    "Expression",
    "FeelError",
    "FeelFunction",
    "FeelLimit",
    "Functions",
    "Limits",
    "Range",
    "UnaryTests",
    "Variables",
    "YearsMonths",
    "compile",
    "compile_unary",
    "evaluate",
    "unary",
]
