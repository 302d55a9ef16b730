"""XML from strangers: no document type, no entities, no processing instructions, nothing fetched."""

from __future__ import annotations

from typing import Any

from lxml import etree

from service.content.findings import refuse
from service.content.json_source import decode_text
from service.content.syntax_words import xml_words

MAX_BYTES = 1024 * 1024
MAX_ELEMENTS = 20_000


def read_xml(file: str, data: bytes) -> etree._Element:
    """The root of an XML file. Raises ContentInvalid on anything hostile or malformed."""
    text = decode_text(file, data, MAX_BYTES)
    for mark in ("<!DOCTYPE", "<!ENTITY"):
        if (at := text.upper().find(mark)) >= 0:
            where = text.count("\n", 0, at) + 1
            raise refuse(file, "xml.doctype", "不允许文档类型声明和实体定义", f"请删去 {mark} …>", line=where)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_blank_text=False,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as err:
        message = f"不是有效的 XML：{xml_words(err)}"
        cure = "请检查标签是否成对，或用编辑器重新保存"
        raise refuse(file, "xml.syntax", message, cure, line=getattr(err, "lineno", None)) from err
    _plain(file, root)
    return root


def line(node: etree._Element) -> int | None:
    """The line of the file on which an element begins."""
    found: object = node.sourceline
    return found if isinstance(found, int) else None


def _plain(file: str, root: etree._Element) -> None:
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype or docinfo.internalDTD is not None:
        raise refuse(file, "xml.doctype", "不允许文档类型声明（DOCTYPE）", "请删去 DOCTYPE", line=1)
    beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    for count, node in enumerate([*beside, *root.iter()]):
        if count > MAX_ELEMENTS:
            raise refuse(file, "xml.too_large", f"超过 {MAX_ELEMENTS} 个元素", "请拆分", line=line(node))
        tag: object = node.tag
        if tag is etree.ProcessingInstruction:
            raise refuse(file, "xml.instruction", "不允许处理指令", "请删去 <?…?>", line=line(node))
        if tag is etree.Entity:
            raise refuse(file, "xml.entity", "不允许实体引用", "请写成普通文字", line=line(node))
