"""The shipped content with one small process more, drawn in few words, and a case of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from service.content import Content, load
from service.domain.changes import OF_CASE
from service.rehearsal.case_file_format import WorkedCase, WorkedStep, beijing
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World, world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from tests.engine.notation import bpmn
from tests.usecases.houses import shipped

BEGIN = "2024-03-04T09:00:00"
FORMS = ("mini", "mini_done", "mini_more")


def files_with(text: str) -> dict[str, bytes]:
    """The files of the shipped content with a diagram and its forms beside them."""
    return {
        **shipped().files,
        "bpmn/mini.bpmn": bpmn(text),
        **{f"forms/{key}.form": a_form(key) for key in FORMS},
    }


def a_form(key: str) -> bytes:
    field = {"type": "textfield", "key": "word", "id": f"{key}_word", "label": "字"}
    return json.dumps({"type": "default", "id": key, "title": key, "components": [field]}).encode()


class Mini:
    """A case of the small process, on its way."""

    def __init__(self, text: str, store: SqlStore, folder: Path) -> None:
        self.content: Content = load(files_with(text))
        self.case = WorkedCase(
            "M", "mini", "mini.yaml", {}, (self.step(0, "mini"),), departments={"dept_it": "信息化部门"}
        )
        self.world: World = world_for(self.case, self.content, store, FolderKeep(folder), {})

    @staticmethod
    def step(number: int, form: str) -> WorkedStep:
        return WorkedStep(number, beijing(BEGIN), "office_dispatcher", form, {"word": "x"}, {})

    @property
    def case_id(self) -> str:
        return next(iter(self.world.cases.values()))

    def submit(self, form: str, number: int = 0) -> Any:
        """Hand a form in; the error it was answered with, if any."""
        return StepPlayer(self.world, self.case, self.step(number, form)).act()

    def later(self, **by: float) -> None:
        self.world.clock.move_to(self.world.clock.now() + timedelta(**by))

    def kinds(self) -> list[str]:
        """What the audit trail of the case tells."""
        with self.world.house.store.begin(reading=True) as uow:
            return [entry.kind for entry in uow.chain(OF_CASE, self.case_id)[1]]
