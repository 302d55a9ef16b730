"""Numbers: int where exact, else Decimal of 34 digits (the decimal128 of the standard). What overflows is null."""

from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

from service.feel.values import from_float

Number = int | Decimal

CONTEXT = Context(prec=34, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow])
BIG = 10**34
_EXACT_POWER_BITS = 112


def canonical(value: Decimal) -> Number | None:
    """A decimal rounded to 34 digits; a whole one becomes an int."""
    try:
        value = CONTEXT.plus(value)
    except DecimalException:
        return None
    if not value.is_finite():
        return None
    if value == value.to_integral_value() and value.adjusted() < 34:
        return int(value)
    return value


def as_decimal(value: Number | float) -> Decimal:
    if isinstance(value, float):
        exact = from_float(value)
        return CONTEXT.create_decimal(exact if exact is not None else "NaN")
    return CONTEXT.create_decimal(value)


def rounded(value: int) -> Number:
    """An int, or a decimal where it has more than 34 digits."""
    return value if -BIG < value < BIG else CONTEXT.create_decimal(value)


def add(a: Number, b: Number) -> Number | None:
    if isinstance(a, int) and isinstance(b, int):
        return rounded(a + b)
    try:
        return canonical(CONTEXT.add(as_decimal(a), as_decimal(b)))
    except DecimalException:
        return None


def subtract(a: Number, b: Number) -> Number | None:
    if isinstance(a, int) and isinstance(b, int):
        return rounded(a - b)
    try:
        return canonical(CONTEXT.subtract(as_decimal(a), as_decimal(b)))
    except DecimalException:
        return None


def multiply(a: Number, b: Number) -> Number | None:
    if isinstance(a, int) and isinstance(b, int) and -BIG < a < BIG and -BIG < b < BIG:
        return rounded(a * b)
    try:
        return canonical(CONTEXT.multiply(as_decimal(a), as_decimal(b)))
    except DecimalException:
        return None


def divide(a: Number, b: Number) -> Number | None:
    """The quotient; null where the divisor is zero."""
    if b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return rounded(a // b)
    try:
        return canonical(CONTEXT.divide(as_decimal(a), as_decimal(b)))
    except DecimalException:
        return None


def power(a: Number, b: Number) -> Number | None:
    if isinstance(a, int) and isinstance(b, int) and b >= 0 and a.bit_length() * b <= _EXACT_POWER_BITS:
        return rounded(int(a**b))
    if a == 0 and b == 0:
        return 1
    try:
        return canonical(CONTEXT.power(as_decimal(a), as_decimal(b)))
    except DecimalException:
        return None


def negate(a: Number) -> Number:
    return -a if isinstance(a, int) else CONTEXT.minus(a)


def whole(value: object) -> int | None:
    """The int that a number is, else None: for positions, scales and lengths."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        value = from_float(value)
        return value if isinstance(value, int) else None
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value) if value.adjusted() < 34 else None
    return None
