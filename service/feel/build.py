"""From what lark recognises to nodes; runs during the parse, so no tree of lark's is ever made or walked."""

import re
from decimal import Decimal
from typing import Any

from lark import Token, Transformer, v_args

from service.feel import nodes as n
from service.feel.errors import FeelError
from service.feel.numbers import canonical
from service.feel.temporal import parse_temporal

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f"}


def words(text: str) -> str:
    """A built-in name with its spaces evened out."""
    return " ".join(text.split())


def unescape(token: Token) -> str:
    """The text between the quotes of a string token."""
    body = str(token)[str(token).index('"') + 1 : -1]
    if "\\" not in body:
        return body

    def one(found: re.Match[str]) -> str:
        code = found.group(1)
        if code[0] in "uU" and len(code) > 1:
            point = int(code[1:], 16)
            return chr(point) if point <= 0x10FFFF else found.group(0)
        return _SIMPLE.get(code, found.group(0))

    text = _ESCAPE.sub(one, body)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _sequence(children: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(child for child in children if child is not None and not isinstance(child, Token))


@v_args(inline=True)
class Builder(Transformer):  # type: ignore[type-arg]  # lark's own generic is over the tree that is never made
    """One method a rule of the grammar."""

    def expression_text(self, expression: n.Node) -> n.Node:
        return expression

    def any_value(self, _sign: Token) -> n.AnyValue:
        return n.AnyValue()

    def unary_tests(self, tests: tuple[n.Node, ...]) -> n.Tests:
        return n.Tests(tests)

    def tests(self, *tests: n.Node) -> tuple[n.Node, ...]:
        return tests

    def comparator(self, sign: Token) -> str:
        return str(sign)

    def equality(self, sign: Token) -> str:
        return str(sign)

    def ordering(self, sign: Token) -> str:
        return str(sign)

    def operator_test(self, sign: str, operand: n.Node) -> n.OperatorTest:
        return n.OperatorTest(sign, operand)

    def disjunction(self, left: n.Node, right: n.Node) -> n.Logic:
        return self._chain("or", left, right)

    def conjunction(self, left: n.Node, right: n.Node) -> n.Logic:
        return self._chain("and", left, right)

    def _chain(self, word: str, left: n.Node, right: n.Node) -> n.Logic:
        if isinstance(left, n.Logic) and left.word == word:
            return n.Logic(word, (*left.parts, right))
        return n.Logic(word, (left, right))

    def comparison(self, left: n.Node, sign: str, right: n.Node) -> n.Compare:
        return n.Compare(sign, left, right)

    def between(self, value: n.Node, low: n.Node, high: n.Node) -> n.Between:
        return n.Between(value, low, high)

    def membership(self, value: n.Node, target: n.Node | tuple[n.Node, ...]) -> n.In:
        return n.In(value, target if isinstance(target, tuple) else (target,))

    def in_tests(self, first: n.Node, rest: tuple[n.Node, ...]) -> tuple[n.Node, ...]:
        return (first, *rest)

    def arithmetic(self, left: n.Node, sign: Token, right: n.Node) -> n.Arithmetic:
        return n.Arithmetic(str(sign), left, right)

    def negation(self, _sign: Token, operand: n.Node) -> n.Node:
        return n.Negation(operand)

    def instance_of(self, value: n.Node, of: n.TypeName) -> n.InstanceOf:
        return n.InstanceOf(value, of)

    def path(self, target: n.Node, name: Token) -> n.Path:
        return n.Path(target, words(name))

    def filter(self, target: n.Node, condition: n.Node) -> n.Filter:
        return n.Filter(target, condition)

    def call(self, target: n.Node, arguments: Any) -> n.Call:
        names, values = arguments or (None, ())
        return n.Call(target, values, names)

    def arguments(self, arguments: Any) -> Any:
        return arguments

    def positional(self, *values: n.Node) -> tuple[None, tuple[n.Node, ...]]:
        return None, values

    def named(self, *pairs: tuple[str, n.Node]) -> tuple[tuple[str, ...], tuple[n.Node, ...]]:
        return tuple(name for name, _ in pairs), tuple(value for _, value in pairs)

    def named_argument(self, name: Token, value: n.Node) -> tuple[str, n.Node]:
        return words(name), value

    def number(self, token: Token) -> n.Literal:
        value = canonical(Decimal(str(token)))
        if value is None:
            raise FeelError("数字太大", line=token.line or 1, column=token.column or 1)
        return n.Literal(value)

    def string(self, token: Token) -> n.Literal:
        return n.Literal(unescape(token))

    def at_literal(self, token: Token) -> n.Literal:
        value = parse_temporal(unescape(token))
        if value is None:
            message = f"{token} 不是日期、时间、日期时间或时长"
            raise FeelError(message, line=token.line or 1, column=token.column or 1)
        return n.Literal(value)

    def true(self) -> n.Literal:
        return n.Literal(True)

    def false(self) -> n.Literal:
        return n.Literal(False)

    def null(self) -> n.Literal:
        return n.Literal(None)

    def name(self, token: Token) -> n.Name:
        return n.Name(str(token))

    def builtin(self, token: Token) -> n.Name:
        return n.Name(words(token))

    def not_tests(self, tests: tuple[n.Node, ...]) -> n.NotTests:
        return n.NotTests(tests)

    def not_named(self, named: Any) -> n.Call:
        names, values = named
        return n.Call(n.Name("not"), values, names)

    def group(self, expression: n.Node) -> n.Node:
        return expression

    def operator_range(self, sign: str, end: n.Node) -> n.RangeLiteral:
        if sign == "!=":
            return n.RangeLiteral(end, end, True, True, differs=True)
        start = end if sign in ("=", ">", ">=") else None
        stop = end if sign in ("=", "<", "<=") else None
        return n.RangeLiteral(start, stop, sign in ("=", ">="), sign in ("=", "<="))

    def range(self, opening: Token, start: n.Node, end: n.Node, closing: Token) -> n.RangeLiteral:
        return n.RangeLiteral(start, end, opening == "[", closing == "]")

    def empty_list(self, _token: Token) -> n.ListLiteral:
        return n.ListLiteral(())

    def list_literal(self, *items: n.Node) -> n.ListLiteral:
        return n.ListLiteral(items)

    def context(self, *entries: tuple[str, n.Node] | None) -> n.ContextLiteral:
        return n.ContextLiteral(_sequence(entries))

    def entry(self, key: Token, value: n.Node) -> tuple[str, n.Node]:
        return (unescape(key) if key.type == "STRING" else words(key)), value

    def if_(self, condition: n.Node, then: n.Node, otherwise: n.Node) -> n.If:
        return n.If(condition, then, otherwise)

    def for_(self, iterators: tuple[n.Iterator, ...], body: n.Node) -> n.For:
        return n.For(iterators, body)

    def quantified(self, word: Token, iterators: tuple[n.Iterator, ...], condition: n.Node) -> n.Quantified:
        return n.Quantified(word.type == "EVERY", iterators, condition)

    def iterators(self, *iterators: n.Iterator) -> tuple[n.Iterator, ...]:
        return iterators

    def iterator(self, name: Token, source: n.Node, end: n.Node | None) -> n.Iterator:
        return n.Iterator(str(name), source, end)

    def function(self, parameters: Any, body: n.Node) -> n.Function:
        return n.Function(parameters or (), body)

    def parameters(self, *parameters: Any) -> Any:
        return parameters

    def parameter(self, name: Token, of: n.TypeName | None) -> tuple[str, n.TypeName | None]:
        return str(name), of

    def type(self, name: Token, *rest: Any) -> n.TypeName:
        parts = tuple(part for part in rest if isinstance(part, tuple))
        results = [part for part in rest if isinstance(part, n.TypeName)]
        return n.TypeName(words(name), parts, results[0] if results else None)

    def type_entry(self, name: Token | None, of: n.TypeName) -> tuple[str | None, n.TypeName]:
        return (None if name is None else str(name)), of
