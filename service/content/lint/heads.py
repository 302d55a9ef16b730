"""What the kept head of a case and its columns may read: nothing that moves without the case being worked out anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from service.content.links import (
    HEAD_FACTS,
    LINK,
    OF_OUTSIDE,
    asks_by_the_same_field,
    asks_only_about_linked,
)
from service.content.lint.registers import NEEDED_FACTS, yaml_of
from service.content.lint.vocabulary import Vocabulary
from service.content.load import FACTS
from service.content.release import Content
from service.domain.errors import Finding
from service.feel import Expression, FeelError
from service.feel import compile as compile_feel

TOLD_BACK = ("lead_department", "restricted")  # what `case` tells of the head
MOVING = {"now": "现在的时间", "actor": "正在办理的人"}


def kept_heads(content: Content, _vocabulary: Vocabulary) -> Iterator[Finding]:
    """Facts of the head, and columns, that read what moves while nobody works the case out anew."""
    known, columns = compiled(content.facts), compiled(content.columns)
    roots = (*HEAD_FACTS, *names_in(columns.values()))
    for fact in dict.fromkeys(fact for name in roots for fact in reached(name, known)):
        if is_elsewhere(content, content.facts[fact]):
            yield elsewhere(content, "facts", fact, content.facts[fact])
    for name in columns:
        if is_elsewhere(content, content.columns[name]):
            yield elsewhere(content, "columns", name, content.columns[name])
    yield from moving_heads(content)


def is_elsewhere(content: Content, text: str) -> bool:
    """Whether an expression asks about a case that the column does not name; not where what it names cannot be read."""
    try:
        return not asks_only_about_linked(text, content.facts, content.columns.get(LINK))
    except FeelError:
        return False


def moving_heads(content: Content) -> Iterator[Finding]:
    """Facts of the head that read the time, other cases or people, or the head itself."""
    known, told = compiled(content.facts), set[str]()
    for head in HEAD_FACTS:
        for fact in reached(head, known):
            why = moves(known[fact])
            if why and fact not in told:
                told.add(fact)
                message = f"“{NEEDED_FACTS[head]}”（{head}）随诉求件记着，它读的“{fact}”用了{why}：那个变了，记着的不会跟着变。"
                cure = "只用本件的表单、时钟和状态来写；要用承办部门或是否受限的，直接写事实的名称 lead_department、restricted。"
                yield Finding("facts.head", message, cure, FACTS, line_of(content, "facts", fact), fact)


def moves(expression: Expression) -> str:
    """What an expression reads that moves while nobody works the case out anew; empty where it reads nothing such."""
    called = expression.calls | {name for name, _ in expression.literal_calls} | expression.open_calls
    found = [MOVING[name] for name in sorted(MOVING.keys() & (expression.names | expression.item_names))]
    found += [f" {name}(…) 问的外面的情形" for name in sorted(OF_OUTSIDE & called)]
    paths = expression.paths | expression.item_paths
    found += [
        f" case.{name}，那正是由它定的" for name in TOLD_BACK if ("case", name) in {p[:2] for p in paths}
    ]
    if "case" in expression.whole_names:
        found.append("整个 case，其中有由它定的")
    return "、".join(found)


def elsewhere(content: Content, part: str, name: str, text: str) -> Finding:
    """A question about a case of which nobody can tell that this one asks about it; a warning where it may be the same."""
    message = (
        f"“{name}”里的 is_restricted(…) 问的不是 {LINK} 一栏写明的那件：问到的变为受限时，这一件不会跟着变。"
    )
    cure = f"把所指的那件写成一个事实，columns 的 {LINK} 和 is_restricted(…) 都写这个事实的名称。"
    may_be = asks_by_the_same_field(text, content.facts, content.columns.get(LINK))
    severity = "warning" if may_be else "error"
    return Finding("facts.elsewhere", message, cure, FACTS, line_of(content, part, name), name, severity)


def reached(name: str, known: Mapping[str, Expression]) -> Iterator[str]:
    """A fact and those that it reads, each once; nothing where there is none of the name."""
    to_come, seen = [name], set[str]()
    while to_come:
        one = to_come.pop()
        if one in seen or one not in known:
            continue
        seen.add(one)
        yield one
        to_come += names_in([known[one]])


def names_in(expressions: Iterable[Expression]) -> list[str]:
    """The names that some expressions read, in order."""
    return sorted({name for one in expressions for name in one.names | one.item_names})


def compiled(texts: Mapping[str, str]) -> dict[str, Expression]:
    """Those of some expressions that can be read; what is wrong with the others is told elsewhere."""
    found = {}
    for name, text in texts.items():
        try:
            found[name] = compile_feel(text)
        except FeelError:
            continue
    return found


def line_of(content: Content, part: str, name: str) -> int | None:
    """Where a fact or a column stands."""
    source = yaml_of(content, FACTS)
    return source.line(part, name) if source else None
