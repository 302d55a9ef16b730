"""Compiled expressions and unary tests, and the bounded caches that keep them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from service.feel import calls, loops  # noqa: F401  each registers how its nodes are compiled
from service.feel import nodes as n
from service.feel.calls import unary_test
from service.feel.codegen import code_for
from service.feel.errors import FeelError, FeelLimit
from service.feel.limits import DEFAULT, Limits, Run
from service.feel.parse import parse
from service.feel.scope import FIRST_PLACE, Frame, Free, Scope
from service.feel.values import Host, Value, adopt, outgoing

Variables = Mapping[str, object]
Functions = Mapping[str, Host]
_NO_FUNCTIONS: Functions = {}
_CACHED = 4096
_CACHED_BESIDE = 256


class _Compiled:
    """What expressions and unary tests have in common: the text, and what it takes from outside."""

    __slots__ = (
        "_blank",
        "_limits",
        "calls",
        "doubts",
        "item_names",
        "item_paths",
        "literal_calls",
        "names",
        "open_calls",
        "paths",
        "text",
        "whole_names",
    )

    def __init__(self, text: str, free: Free, limits: Limits) -> None:
        self.text = text
        self.names = frozenset(free.names)
        self.whole_names = frozenset(free.whole_names)
        self.paths = frozenset(free.paths)
        self.item_names = frozenset(free.item_names)
        self.item_paths = frozenset(free.item_paths)
        self.calls = frozenset(free.calls)
        self.doubts = frozenset(free.doubts)
        self.literal_calls = frozenset(free.literal_calls)
        self.open_calls = frozenset(free.open_calls)
        self._limits = limits
        self._blank = [None] * (free.places - FIRST_PLACE)

    def _frame(self, variables: Variables, functions: Functions | None) -> Frame:
        return [variables, functions or _NO_FUNCTIONS, Run(self._limits), *self._blank]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.text!r}>"


class Expression(_Compiled):
    """A compiled expression: call it with variables and host functions.

    `names` and `paths` are its free variables, `item_names` and `item_paths` those inside filter brackets that
    may be properties of the items instead; `calls` the functions it takes from the host; `literal_calls` pairs
    of a called name and its first argument where that is a literal string, `open_calls` the names that are called
    with anything else first; `doubts` says in Chinese what is well written and yet can only be null.
    """

    __slots__ = ("_code",)

    def __init__(self, text: str, limits: Limits, node: n.Node | None = None) -> None:
        free = Free()
        self._code = _guarded(text, parse(text, limits) if node is None else node, free)
        super().__init__(text, free, limits)

    def __call__(self, variables: Variables, functions: Functions | None = None) -> Value:
        """The value; null where the standard says null.

        Raises: FeelLimit past the budget.
        """
        run = Run(self._limits)
        try:
            return outgoing(self._code([variables, functions or _NO_FUNCTIONS, run, *self._blank]), run)
        except RecursionError:
            raise FeelLimit("数据嵌套太深", text=self.text) from None


class UnaryTests(_Compiled):
    """The compiled cell of a decision table: `-`, one or more tests, or `not(...)` around them."""

    __slots__ = ("_negated", "_place", "_tests")

    def __init__(self, text: str, limits: Limits) -> None:
        node, free = parse(text, limits, unary=True), Free()
        scope = Scope(free).bind("?")
        self._place = scope.place
        tests: tuple[n.Node, ...] = () if isinstance(node, n.AnyValue) else node.tests
        only = tests[0] if len(tests) == 1 else None
        self._negated = isinstance(only, n.NotTests)
        if isinstance(only, n.NotTests):
            tests = only.tests
        self._tests = tuple(_guarded_test(text, test, scope) for test in tests)
        super().__init__(text, free, limits)

    def __call__(self, value: Value, variables: Variables, functions: Functions | None = None) -> bool | None:
        """Whether the value meets any of the tests; null where none does and one could not be decided."""
        if not self._tests:
            return True
        frame = self._frame(variables, functions)
        frame[self._place] = value = adopt(value)
        try:
            answer = self._any(frame, value)
        except RecursionError:
            raise FeelLimit("数据嵌套太深", text=self.text) from None
        if self._negated:
            return None if answer is None else not answer
        return answer

    def _any(self, frame: Frame, value: Value) -> bool | None:
        answer: bool | None = False
        for test in self._tests:
            met = test(frame, value)
            if met is True:
                return True
            if met is None:
                answer = None
        return answer


def _guarded(text: str, node: Any, free: Free) -> Any:
    try:
        return code_for(node, Scope(free))
    except FeelError as error:
        error.text = text
        raise


def _guarded_test(text: str, node: Any, scope: Scope) -> Any:
    try:
        return unary_test(node, scope)
    except FeelError as error:
        error.text = text
        raise


# One cache for the usual limits, so that looking up needs no more than the text.
@lru_cache(maxsize=_CACHED)
def _usual_expression(text: str) -> Expression:
    return Expression(text, DEFAULT)


@lru_cache(maxsize=_CACHED)
def _usual_tests(text: str) -> UnaryTests:
    return UnaryTests(text, DEFAULT)


@lru_cache(maxsize=_CACHED_BESIDE)
def _bounded_expression(text: str, limits: Limits) -> Expression:
    return Expression(text, limits)


@lru_cache(maxsize=_CACHED_BESIDE)
def _bounded_tests(text: str, limits: Limits) -> UnaryTests:
    return UnaryTests(text, limits)


def compile(text: str, limits: Limits = DEFAULT) -> Expression:
    """The compiled expression, from the cache where it was compiled before.

    Raises: FeelError where the text is no FEEL or passes a limit.
    """
    return _usual_expression(text) if limits is DEFAULT else _bounded_expression(text, limits)


def compile_part(node: n.Node, text: str) -> Expression:
    """The compiled part of an expression that was parsed before; `text` is what people call it."""
    return Expression(text, DEFAULT, node)


def compile_unary(text: str, limits: Limits = DEFAULT) -> UnaryTests:
    """The compiled cell of a decision table.

    Raises: FeelError where the text is no unary test or passes a limit.
    """
    return _usual_tests(text) if limits is DEFAULT else _bounded_tests(text, limits)


def evaluate(text: str, context: Variables, functions: Functions | None = None) -> Value:
    """The value of an expression over a context."""
    return _usual_expression(text)(context, functions)


def unary(text: str, value: Value, context: Variables, functions: Functions | None = None) -> bool:
    """Whether a value meets unary tests; what cannot be decided is not met."""
    return _usual_tests(text)(value, context, functions) is True
