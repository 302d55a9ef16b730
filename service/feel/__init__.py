"""FEEL, the expression language of DMN 1.5, as conditions, rules, due times and decision tables are written.

    from service.feel import compile, evaluate, unary
    evaluate('dispatch.urgency = "urgent"', {"dispatch": {"urgency": "urgent"}})

Compiled once to closures and cached. Content can reach nothing but the values handed in and the functions named
by the host: there is no way to an attribute or an object of Python.

What is decided here where the standard leaves room, or where we differ on purpose:

- Names hold no spaces, but for the built-in ones. A name before a bracket is a function, elsewhere a variable:
  `clock("dispatch")` and the field `clock` do not meet. A built-in function is no value; write `function(x) abs(x)`.
- A host function may share the name of a built-in one; it is called where its only argument is a text. So
  `all("record_contact")` is the host's and `all(list)` the built-in one.
- `now()` and `today()` come from the host or from the variable `now`; no clock is read.
- A date literal that is none (`@"2024-02-30"`) is refused when compiled, while `date("2024-02-30")` is null.
- Years run from 1 to 9999 and fractions of a second to microseconds. Numbers have 34 digits; a whole one is an int.
- Patterns are those of XPath without back references, and take linear time. `extract` is offered beyond the standard.
- Whatever passes a limit raises FeelLimit; it is never null.
"""

from service.feel.builtins import BUILTINS
from service.feel.errors import FeelError, FeelLimit
from service.feel.expression import (
    Expression,
    Functions,
    UnaryTests,
    Variables,
    compile,
    compile_part,
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
    "compile_part",
    "compile_unary",
    "evaluate",
    "unary",
]
