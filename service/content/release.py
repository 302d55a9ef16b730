"""One release's content: immutable, parsed once, shared by every case that is pinned to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from service.content.deadlines import DeadlineTable
from service.content.facts import Facts
from service.content.forms import Form
from service.content.papers import EMPTY, Papers
from service.content.policy import Policy
from service.content.regulation import Regulation, Row

POLICY_FILE = "bpmn/policy.yaml"


@dataclass(frozen=True)
class Content:
    """Everything the process owners wrote, as the service reads it."""

    files: Mapping[str, bytes]
    hash: str
    forms: Mapping[str, Form]
    policy: Policy
    deadlines: DeadlineTable
    named: Facts
    rules: Regulation
    papers: Papers = EMPTY

    @property
    def diagrams(self) -> Mapping[str, bytes]:
        """The `.bpmn` files: what the engine parses."""
        return {name: data for name, data in self.files.items() if name.endswith(".bpmn")}

    @property
    def facts(self) -> Mapping[str, str]:
        """Named expressions, name to FEEL text."""
        return self.named.facts

    @property
    def columns(self) -> Mapping[str, str]:
        """The columns by which cases are listed, name to FEEL text."""
        return self.named.columns

    @property
    def figures(self) -> Mapping[str, str]:
        """What counts as frequent and as hard in the figures of a period, name to FEEL text."""
        return self.named.figures

    @property
    def regulation(self) -> Mapping[str, Row]:
        """The rows of the regulation by id."""
        return self.rules.rows

    def with_policy(self, values: Mapping[str, Any], label: str) -> Content:
        """The same content with other switches, in its files too. Raises ContentInvalid for an unknown one."""
        policy = self.policy.with_values(values, label)
        files = frozen({**self.files, POLICY_FILE: policy.as_file()})
        deadlines = self.deadlines.with_policy(policy.values)
        return replace(self, files=files, hash=hash_of(files), policy=policy, deadlines=deadlines)


def hash_of(files: Mapping[str, bytes]) -> str:
    """The SHA-256 over the names and bytes of all files, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def frozen(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files as a mapping that nobody can change."""
    return MappingProxyType({name: bytes(files[name]) for name in sorted(files)})
