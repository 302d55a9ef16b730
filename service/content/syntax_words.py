"""What the readers of XML, YAML and JSON say about a file they cannot read, in words for people."""

from __future__ import annotations

import json
from collections.abc import Iterable

import yaml
from lxml import etree

OTHERWISE = "这里的写法不对"
_XML = {
    "ERR_DOCUMENT_EMPTY": "文件不是以标签开头的",
    "ERR_DOCUMENT_END": "根元素结束之后还有内容",
    "ERR_TAG_NAME_MISMATCH": "开始标签与结束标签不配对",
    "ERR_TAG_NOT_FINISHED": "文件没有写完，还有标签没有结束",
    "ERR_GT_REQUIRED": "标签没有写完，缺少 >",
    "ERR_SPACE_REQUIRED": "标签里的属性没有写完",
    "ERR_NAME_REQUIRED": "标签名不对，或文字里的 < 与 & 没有写成 &lt; 与 &amp;",
    "ERR_LT_IN_ATTRIBUTE": "属性里的 < 没有写成 &lt;",
    "ERR_ATTRIBUTE_NOT_STARTED": "属性的值没有加引号",
    "ERR_ATTRIBUTE_NOT_FINISHED": "属性的引号没有写完",
    "ERR_ATTRIBUTE_WITHOUT_VALUE": "属性没有值",
    "ERR_ATTRIBUTE_REDEFINED": "同一个属性写了两次",
    "ERR_UNDECLARED_ENTITY": "用了没有定义的实体（&…;）",
    "ERR_ENTITYREF_SEMICOL_MISSING": "文字里的 & 没有写成 &amp;",
    "ERR_INVALID_CHAR": "含有不能出现的字符",
    "ERR_UNSUPPORTED_ENCODING": "声明的编码不认识，只接受 UTF-8",
    "ERR_INVALID_ENCODING": "不是 UTF-8 编码",
    "ERR_COMMENT_NOT_FINISHED": "注释没有结束",
    "ERR_CDATA_NOT_FINISHED": "CDATA 没有结束",
    "ERR_PI_NOT_FINISHED": "处理指令没有结束",
    "ERR_RESOURCE_LIMIT": "嵌套太深或内容太大",
    "NS_ERR_UNDEFINED_NAMESPACE": "标签或属性的前缀没有声明命名空间",
}
_XML_BY_CODE = {getattr(etree.ErrorTypes, name): text for name, text in _XML.items()}
# the beginning of what YAML says, in either of its two readers → in words
_YAML = (
    ("did not find expected ',' or ']'", "方括号里的列表没有写完，缺少逗号或 ]"),
    ("expected ',' or ']'", "方括号里的列表没有写完，缺少逗号或 ]"),
    ("did not find expected ',' or '}'", "花括号里的内容没有写完，缺少逗号或 }"),
    ("expected ',' or '}'", "花括号里的内容没有写完，缺少逗号或 }"),
    ("mapping values are not allowed", "这里不能再有冒号：缩进不对，或带冒号的文字没有加引号"),
    ("block sequence entries are not allowed", "这里不能以 - 开头：列表要另起一行"),
    ("sequence entries are not allowed", "这里不能以 - 开头：列表要另起一行"),
    ("found a tab character", "用了制表符缩进，应为空格"),
    ("found character '\\t'", "用了制表符缩进，应为空格"),
    ("found unexpected end of stream", "引号没有写完"),
    ("did not find expected '-' indicator", "列表与“名称: 值”混在了一起，缩进不对"),
    ("did not find expected key", "缩进不对，或括号多了一个"),
    ("expected <block end>", "缩进不对，或括号多了一个"),
    ("could not find expected ':'", "名称后面缺少冒号"),
    ("found undefined alias", "别名（*）所指的锚点不存在"),
    ("second occurrence", "同一个锚点（&）写了两次"),
    ("could not determine a constructor", "不允许标签（!）"),
    ("found character", "文字以不能开头的符号开头，请加引号"),
    ("found unknown escape character", "引号里的反斜杠写法不认识"),
    ("found unknown directive", "以 % 开头的行不认识"),
    ("did not find expected <document start>", "前面已经写完，这里又有内容：括号多了一个，或缩进不对"),
    ("expected '<document start>'", "前面已经写完，这里又有内容：括号多了一个，或缩进不对"),
    ("but found another document", "一个文件里只能有一份内容，不能用 --- 分隔"),
    ("unacceptable character", "含有不能出现的字符"),
    ("found unhashable key", "名称应为文字"),
)
_JSON = (
    ("Expecting property name", "名称应加双引号，或前面多了一个逗号"),
    ("Expecting ':'", "名称后面缺少冒号"),
    ("Expecting ','", "缺少逗号，或括号没有写完"),
    ("Expecting value", "缺少值，或没有写完"),
    ("Unterminated string", "引号没有写完"),
    ("Invalid control character", "引号里不能直接换行"),
    ("Invalid \\", "引号里的反斜杠写法不认识"),
    ("Extra data", "内容结束之后还有别的内容"),
)


def xml_words(error: Exception) -> str:
    """What is wrong with an XML file, and in which column of the line."""
    words = _XML_BY_CODE.get(getattr(error, "code", None) or 0, OTHERWISE)
    column = (getattr(error, "position", None) or (0, 0))[1]
    return f"{words}（第 {column} 列）" if column else words


def yaml_words(error: yaml.YAMLError) -> str:
    """What is wrong with a YAML file."""
    said = str(getattr(error, "problem", None) or error)
    return said if any("\u4e00" <= sign <= "\u9fff" for sign in said) else _found(said, _YAML)


def json_words(error: json.JSONDecodeError) -> str:
    """What is wrong with a JSON file, and in which column of the line."""
    return f"{_found(error.msg, _JSON)}（第 {error.colno} 列）"


def _found(said: str, known: Iterable[tuple[str, str]]) -> str:
    return next((words for beginning, words in known if said.startswith(beginning)), OTHERWISE)
