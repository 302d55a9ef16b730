"""Functions of numbers. Scales are those of decimal128."""

import decimal
from decimal import Decimal, DecimalException

from service.feel.builtins.registry import builtin
from service.feel.limits import Run
from service.feel.numbers import CONTEXT, Number, as_decimal, canonical, divide, multiply, subtract
from service.feel.values import Value, YearsMonths, is_number

_COST_OF_SERIES = 8
_LEAST_SCALE, _MOST_SCALE = -6111, 6176


def _rounded(n: Number, scale: int, rounding: str) -> Number | None:
    if not _LEAST_SCALE <= scale <= _MOST_SCALE:
        return None
    number = as_decimal(n)
    if scale >= 0 and -number.as_tuple().exponent <= scale:  # type: ignore[operator]  # it is finite
        return canonical(number)
    if number.adjusted() + scale < -1:
        toward_zero = rounding not in (decimal.ROUND_UP, decimal.ROUND_FLOOR, decimal.ROUND_CEILING)
        if toward_zero or not number:
            return 0
    try:
        wide = decimal.Context(prec=70, Emin=-20000, Emax=20000, traps=[decimal.InvalidOperation])
        return canonical(number.quantize(Decimal(1).scaleb(-scale, wide), rounding=rounding, context=wide))
    except DecimalException:
        return None


@builtin("decimal", "n: number, scale: int")
def decimal_of(run: Run, n: Number, scale: int) -> Number | None:
    """The number at a scale, halves to the even neighbour."""
    return _rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale?: int")
def floor(run: Run, n: Number, scale: int | None = None) -> Number | None:
    return _rounded(n, scale or 0, decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number, scale?: int")
def ceiling(run: Run, n: Number, scale: int | None = None) -> Number | None:
    return _rounded(n, scale or 0, decimal.ROUND_CEILING)


@builtin("round up", "n: number, scale?: int")
def round_up(run: Run, n: Number, scale: int | None = None) -> Number | None:
    return _rounded(n, scale or 0, decimal.ROUND_UP)


@builtin("round down", "n: number, scale?: int")
def round_down(run: Run, n: Number, scale: int | None = None) -> Number | None:
    return _rounded(n, scale or 0, decimal.ROUND_DOWN)


@builtin("round half up", "n: number, scale?: int")
def round_half_up(run: Run, n: Number, scale: int | None = None) -> Number | None:
    return _rounded(n, scale or 0, decimal.ROUND_HALF_UP)


@builtin("round half down", "n: number, scale?: int")
def round_half_down(run: Run, n: Number, scale: int | None = None) -> Number | None:
    return _rounded(n, scale or 0, decimal.ROUND_HALF_DOWN)


@builtin("abs", "n: measure")
def absolute(run: Run, n: Value) -> Value:
    if is_number(n):
        return canonical(abs(as_decimal(n))) if isinstance(n, (Decimal, float)) else abs(n)
    if isinstance(n, YearsMonths):
        return YearsMonths(abs(n.months))
    return abs(n)


@builtin("modulo", "dividend: number, divisor: number")
def modulo(run: Run, dividend: Number, divisor: Number) -> Number | None:
    """The remainder with the sign of the divisor."""
    if divisor == 0:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    quotient = divide(dividend, divisor)
    steps = None if quotient is None else _rounded(quotient, 0, decimal.ROUND_FLOOR)
    whole = None if steps is None else multiply(divisor, steps)
    return None if whole is None else subtract(dividend, whole)


@builtin("sqrt", "number: number")
def sqrt(run: Run, n: Number) -> Number | None:
    try:
        return canonical(CONTEXT.sqrt(as_decimal(n)))
    except DecimalException:
        return None


@builtin("log", "number: number")
def log(run: Run, n: Number) -> Number | None:
    run.spend(_COST_OF_SERIES)
    try:
        return canonical(CONTEXT.ln(as_decimal(n))) if n > 0 else None
    except DecimalException:
        return None


@builtin("exp", "number: number")
def exp(run: Run, n: Number) -> Number | None:
    run.spend(_COST_OF_SERIES)
    try:
        return canonical(CONTEXT.exp(as_decimal(n)))
    except DecimalException:
        return None


@builtin("odd", "number: number")
def odd(run: Run, n: Number) -> bool | None:
    remainder = modulo(run, n, 2)
    return None if remainder is None else remainder == 1


@builtin("even", "number: number")
def even(run: Run, n: Number) -> bool | None:
    remainder = modulo(run, n, 2)
    return None if remainder is None else remainder == 0
