"""From bytes to a tree, without trusting the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from service.content.syntax_words import xml_words
from service.domain.errors import Finding

SIZE_LIMIT = 1024 * 1024
DEPTH_LIMIT = 64
ATTRIBUTE_LIMIT = 20_000

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
JSJB = "http://jsjb.example/bpmn"

_DECLARATION = re.compile(rb"^\s*<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


@dataclass(frozen=True, slots=True)
class Source:
    """One file as a tree that has passed the checks on its form."""

    file: str
    root: Any


def read(file: str, content: bytes) -> tuple[Source | None, list[Finding]]:
    """A file as a tree, or why not: size, encoding, DOCTYPE, entities, instructions, syntax, depth, root."""
    if findings := _raw(file, content):
        return None, findings
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        message = f"不是完好的 XML：{xml_words(error)}。"
        return None, [_finding(file, "xml.syntax", message, "用流程图编辑器重新保存此文件。", error.lineno)]
    except (etree.LxmlError, ValueError) as error:
        message = f"不是完好的 XML：{xml_words(error)}。"
        return None, [_finding(file, "xml.syntax", message, "用流程图编辑器重新保存此文件。", 1)]
    findings = _shape(file, root)
    return (None, findings) if findings else (Source(file, root), [])


def local(node: Any) -> str:
    """The tag without its namespace."""
    return str(etree.QName(node).localname)


def is_bpmn(node: Any) -> bool:
    """Whether a node is an element of BPMN's own namespace."""
    return isinstance(node.tag, str) and node.tag.startswith(f"{{{BPMN}}}")


def _raw(file: str, content: bytes) -> list[Finding]:
    if len(content) > SIZE_LIMIT:
        message = f"文件过大：{len(content)} 字节，上限 {SIZE_LIMIT} 字节。"
        return [_finding(file, "xml.size", message, "把流程图拆成几个被调用的流程。", 1)]
    if not content.strip():
        return [_finding(file, "xml.syntax", "文件是空的。", "上传一张流程图。", 1)]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        return [_finding(file, "xml.encoding", "文件不是 UTF-8 编码。", "以 UTF-8 编码保存此文件。", 1)]
    return _encoding(file, content) or _forbidden(file, content)


def _encoding(file: str, content: bytes) -> list[Finding]:
    declaration = _DECLARATION.match(content.removeprefix(b"\xef\xbb\xbf"))
    named = _ENCODING.search(declaration.group()) if declaration else None
    if named and named.group(1).lower() not in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}:
        message = f"文件声明的编码是 {named.group(1).decode('ascii')}，只接受 UTF-8。"
        return [_finding(file, "xml.encoding", message, "以 UTF-8 编码保存此文件。", 1)]
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [_finding(file, "xml.encoding", "文件不是 UTF-8 编码。", "以 UTF-8 编码保存此文件。", line)]
    return []


def _forbidden(file: str, content: bytes) -> list[Finding]:
    upper = content.upper()
    for mark in (b"<!DOCTYPE", b"<!ENTITY"):
        at = upper.find(mark)
        if at >= 0:
            message = "文件带有文档类型声明或实体定义，可被用来读取服务器上的文件。"
            line = content[:at].count(b"\n") + 1
            return [_finding(file, "xml.doctype", message, "删去 <!DOCTYPE …>。", line)]
    return []


def _shape(file: str, root: Any) -> list[Finding]:
    if root.getroottree().docinfo.internalDTD is not None:
        return [_finding(file, "xml.doctype", "文件带有文档类型声明。", "删去 <!DOCTYPE …>。", 1)]
    findings = _instructions(file, root) + _depth(file, root)
    if root.tag != f"{{{BPMN}}}definitions":
        message = "根元素不是 BPMN 2.0 的 definitions（或命名空间不对）。"
        findings.append(_finding(file, "bpmn.root", message, "用 BPMN 2.0 编辑器画图。", root.sourceline))
    return findings


def _instructions(file: str, root: Any) -> list[Finding]:
    found = list(root.iter(etree.ProcessingInstruction, etree.Entity))
    found += [n for n in root.itersiblings(preceding=True) if n.tag is etree.ProcessingInstruction]
    found += [n for n in root.itersiblings() if n.tag is etree.ProcessingInstruction]
    cure = "删去 <?…?> 和 &…; 。"
    return [
        _finding(file, "xml.instruction", "文件含有处理指令或实体引用。", cure, n.sourceline or 1)
        for n in found
    ]


def _depth(file: str, root: Any) -> list[Finding]:
    layer, depth = [root], 1
    while layer:
        if depth > DEPTH_LIMIT:
            message = f"元素嵌套超过 {DEPTH_LIMIT} 层。"
            return [_finding(file, "xml.depth", message, "减少嵌套。", layer[0].sourceline)]
        for node in layer:
            if isinstance(node.tag, str) and any(len(v) > ATTRIBUTE_LIMIT for v in node.attrib.values()):
                message = f"属性超过 {ATTRIBUTE_LIMIT} 个字符。"
                return [_finding(file, "xml.attribute", message, "缩短属性的内容。", node.sourceline)]
        layer = [child for node in layer for child in node]
        depth += 1
    return []


def _finding(file: str, rule: str, message: str, cure: str, line: int | None) -> Finding:
    return Finding(rule=rule, message=message, cure=cure, file=file, line=line)
