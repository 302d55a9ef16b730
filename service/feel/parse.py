"""A text to nodes, or a FeelError that says where it broke and what was expected there."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from service.feel import nodes as n
from service.feel.build import Builder
from service.feel.errors import FeelError
from service.feel.limits import Limits

_GRAMMAR = Path(__file__).with_name("grammar.lark")
_PIECE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|[()\[\]{}]', re.DOTALL)

# What a person calls the tokens. Several tokens share a word; each word is listed once, in this order.
_WORDS: dict[str, tuple[str, ...]] = {
    "值或名称": ("NUMBER", "STRING", "NAME", "BUILTIN", "_TRUE", "_FALSE", "_NULL", "AT_LITERAL"),
    "属性名": ("PROPERTY",),
    "类型名": ("TYPE",),
    "比较符号": ("EQ", "NE", "LE", "GE"),
    "运算符": ("PLUS", "STAR", "SLASH", "POWER"),
    "and": ("_AND",),
    "or": ("_OR",),
    "then": ("_THEN",),
    "else": ("_ELSE",),
    "in": ("_IN",),
    "return": ("_RETURN",),
    "satisfies": ("_SATISFIES",),
    "“(”": ("LPAR",),
    "“)”": ("RPAR",),
    "“[”": ("LSQB",),
    "“]”": ("RSQB",),
    "“}”": ("RBRACE",),
    "“:”": ("COLON",),
    "“,”": ("COMMA",),
    "“..”": ("DOTS",),
    "结尾": ("$END",),
}


# What people bring along from other languages.
_HINTS = {
    '"': "文字缺少结束的引号",
    "'": "文字要用双引号，不用单引号",
    "“": "文字要用英文双引号，不用中文引号",
    "”": "文字要用英文双引号，不用中文引号",
    "==": "相等只写一个等号“=”",
    "=>": "大于等于写作“>=”",
    "=<": "小于等于写作“<=”",
    "<>": "不相等写作“!=”",
    "&&": "“并且”写作 and",
    "||": "“或者”写作 or",
    "!": "“不是”写作 not(…)",
    "，": "要用英文逗号“,”",
    "（": "要用英文括号“(”",
    "）": "要用英文括号“)”",
}


def _no_external(token: Token) -> NoReturn:
    raise FeelError("不允许调用外部函数（external）", line=token.line or 1, column=token.column or 1)


@cache
def _parser() -> Lark:
    return Lark(
        _GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer="contextual",
        start=["expression_text", "unary_text"],
        transformer=Builder(),
        lexer_callbacks={"_EXTERNAL": _no_external},
        maybe_placeholders=True,
    )


def parse(text: str, limits: Limits, *, unary: bool = False) -> Any:
    """The nodes of an expression, or of unary tests.

    Raises: FeelError where the text is no FEEL, or passes a limit of length or depth.
    """
    _bounded(text, limits)
    try:
        tree = _parser().parse(text, start="unary_text" if unary else "expression_text")
    except UnexpectedInput as error:
        raise _described(error, text) from None
    except FeelError as error:
        error.text = text
        raise
    if n.depth(tree) > limits.depth:
        raise FeelError(f"表达式嵌套太深（上限 {limits.depth} 层）", text=text)
    return tree


def _bounded(text: str, limits: Limits) -> None:
    if len(text) > limits.text:
        raise FeelError(f"表达式太长（{len(text)} 字，上限 {limits.text} 字）", text=text)
    depth = 0
    for piece in _PIECE.finditer(text):
        if piece.group() in "([{":
            depth += 1
            if depth > limits.depth:
                line, column = _place(text, piece.start())
                message = f"括号嵌套太深（上限 {limits.depth} 层）"
                raise FeelError(message, line=line, column=column, text=text)
        elif piece.group() in ")]}":
            depth -= 1


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _described(error: UnexpectedInput, text: str) -> FeelError:
    position: int = getattr(error, "pos_in_stream", None) or 0
    if not text.strip():
        return FeelError("表达式是空的", text=text)
    found = ""
    expected: set[str] = set()
    if isinstance(error, UnexpectedToken):
        expected = set(error.accepts or error.expected)
        found = "" if error.token.type == "$END" else str(error.token)
    else:
        found = text[position : position + 1]
    if not found:
        position = len(text.rstrip())
    line, column = _place(text, position)
    hint = next((said for start, said in _HINTS.items() if text.startswith(start, position)), None)
    if hint is not None and isinstance(error, UnexpectedCharacters):
        return FeelError(hint, line=line, column=column, text=text)
    if isinstance(error, UnexpectedCharacters):
        return FeelError(f"不认识的符号“{found}”", line=line, column=column, text=text)
    met = f"这里是“{_shortened(found)}”" if found else "表达式到这里就完了"
    wanted = _wanted(expected)
    message = f"{met}，应为{wanted}" if wanted else f"{met}，读不懂"
    return FeelError(message, line=line, column=column, text=text)


def _shortened(text: str) -> str:
    return text if len(text) <= 20 else text[:20] + "…"


def _wanted(expected: set[str]) -> str:
    said = [word for word, tokens in _WORDS.items() if expected.intersection(tokens)]
    if "值或名称" in said:  # brackets begin values too: not worth naming beside the word
        said = [word for word in said if word not in ("“(”", "“[”", "“]”")]
    return "、".join(said)
