"""Functions of strings. Positions count characters from 1, and from the end where negative."""

from service.feel.builtins.registry import builtin
from service.feel.limits import Run, room_for


@builtin("substring", "string: string, start position: int, length?: int")
def substring(run: Run, text: str, start: int, length: int | None = None) -> str | None:
    if start == 0 or abs(start) > len(text) or (length is not None and length < 1):
        return None if start == 0 or (length is not None and length < 1) else ""
    first = start - 1 if start > 0 else len(text) + start
    return text[first:] if length is None else text[first : first + length]


@builtin("string length", "string: string")
def string_length(run: Run, text: str) -> int:
    return len(text)


@builtin("upper case", "string: string")
def upper_case(run: Run, text: str) -> str:
    return text.upper()


@builtin("lower case", "string: string")
def lower_case(run: Run, text: str) -> str:
    return text.lower()


@builtin("substring before", "string: string, match: string")
def substring_before(run: Run, text: str, match: str) -> str:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def substring_after(run: Run, text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string, match: string")
def contains(run: Run, text: str, match: str) -> bool:
    return match in text


@builtin("starts with", "string: string, match: string")
def starts_with(run: Run, text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(run: Run, text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("string join", "list: list, delimiter?: string")
def string_join(run: Run, items: list[object], delimiter: str | None = None) -> str | None:
    """The strings of a list in one; nulls are passed over, anything else makes the result null."""
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        return None
    mark = delimiter or ""
    strings = [str(text) for text in texts]
    room_for(sum(map(len, strings)) + len(mark) * len(strings))
    return mark.join(strings)
