"""Expressions against what exists: unknown names, fields, functions, options; and what never changes."""

from __future__ import annotations

from collections.abc import Mapping

from service.content.lint.problems import Problem, did_you_mean, findings
from service.content.lint.shapes import Shape
from service.content.lint.types import BOOLEAN, INSTANT, NAMES
from service.content.lint.vocabulary import FUNCTIONS, Vocabulary
from service.content.lint.walk import Walk, children, literals, shown
from service.feel import FeelError
from service.feel import compile as compile_feel
from service.feel.constants import limit_passed
from service.feel.limits import DEFAULT
from service.feel.parse import parse

CURES = {
    BOOLEAN: "写成比较，例如 … = … 或 … != null。",
    INSTANT: '写成时刻，例如 due("…")、hours(1)、end_of_day()。',
}


def problems(
    text: str,
    vocabulary: Vocabulary,
    *,
    own: Mapping[str, Shape] | None = None,
    tested: str | None = None,
    allowed: frozenset[str] | None = None,
    wanted: str | None = None,
) -> list[Problem]:
    """What is wrong with an expression, or, where `tested` names an input column, with a cell of a table.

    `own` are the fields of the form at hand, which stand before all other names. `allowed` are the texts that
    may come out, where only some may; `wanted` the type without which it means nothing.
    """
    try:
        node = parse(text, DEFAULT, unary=tested is not None)
    except FeelError as error:
        return [Problem("feel.syntax", f"不是 FEEL 表达式：{error}", "按提示改正表达式。")]
    if (passed := limit_passed(node, DEFAULT)) is not None:
        message = f"不论什么件，都算不完：{passed.message}。"
        return [Problem("feel.limit", message, "也可以换一种写法。")]
    walk = Walk(vocabulary, own or {})
    bound = {"?": walk.text_shape(tested)} if tested is not None else {}
    shape = walk.shape(node, bound)
    if allowed is not None and shape.options is not None:
        for text_given in sorted(shape.options - allowed):
            walk.tell(
                "feel.unknown_option", f"结果“{text_given}”不是可用的值。", did_you_mean(text_given, allowed)
            )
    if wanted is not None and shape.is_a not in {None, wanted}:
        cure = CURES[wanted]
        walk.tell("feel.result", f"结果是{shown(shape)}，不是{NAMES[wanted]}，永远不起作用。", cure)
    return list(dict.fromkeys(walk.found))


def constant(text: str) -> bool:
    """Whether an expression gives the same whatever the case: it reads no name and calls nothing of the house."""
    try:
        compiled = compile_feel(text)
    except FeelError:
        return False
    of_house = compiled.calls or any(name in FUNCTIONS for name, _ in compiled.literal_calls)
    return not (compiled.names or compiled.item_names or of_house)


__all__ = ["Problem", "children", "constant", "did_you_mean", "findings", "literals", "problems"]
