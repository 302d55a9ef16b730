"""The ground on which processes are explored: a house with its past, made once for the content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from service.content import Content
from service.content.lint import Vocabulary, vocabulary_of
from service.engine import Element, Process
from service.engine.lint import drawn_words, read_plan
from service.rehearsal.exploring.case_store import CaseStore
from service.rehearsal.exploring.dependence import MAIN
from service.rehearsal.exploring.doing import Doing
from service.rehearsal.exploring.downstream import Downstream
from service.rehearsal.exploring.interest import (
    Interest,
    Text,
    fresh_before,
    interest_in,
    interest_of,
    processes_from,
    texts_of,
)
from service.rehearsal.exploring.moves import Handing, Moves
from service.rehearsal.exploring.past import EARLIER_FILE, EARLIER_ORDER, fill_past
from service.rehearsal.exploring.search import State
from service.rehearsal.exploring.setting import BARE, LEAD_ONE, NOON, Setting, settle
from service.rehearsal.exploring.terms import Term, Terms
from service.rehearsal.exploring.values import PLAINLY, Choice, NotShownError, fixed
from service.usecases.house import OPENS_CASE


@dataclass
class Ground:
    """A house in memory with one case to come. Every exploration of the same content may stand on it."""

    content: Content
    cases: Sequence[State] | None = None  # a case at each point that matters, once it was made
    _interests: dict[tuple[str, ...], Interest] = field(default_factory=dict)

    @cached_property
    def store(self) -> CaseStore:
        """The store of the one case."""
        return CaseStore()

    @cached_property
    def setting(self) -> Setting:
        """The house, with cases that were there before."""
        made = settle(self.store, self.content)
        fill_past(self.store.around, NOON, (LEAD_ONE, BARE))
        return made

    @cached_property
    def doing(self) -> Doing:
        """What makes the moves."""
        return Doing(self.setting, self.store)

    @cached_property
    def processes(self) -> Mapping[str, Process]:
        """All that is drawn."""
        return self.setting.release.definition.processes

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The names that expressions may use."""
        plan, _ = read_plan(self.content.diagrams)
        return vocabulary_of(self.content).with_diagrams(**drawn_words(plan))

    @cached_property
    def everything(self) -> Interest:
        """What decides the course of anything."""
        return self.interest(self.processes)

    def interest(self, processes: Iterable[str]) -> Interest:
        """What decides the course of some processes."""
        key = tuple(sorted(processes))
        if key not in self._interests:
            self._interests[key] = interest_of(self.setting.release, self.vocabulary, key)
        return self._interests[key]

    def interest_in(self, texts: Iterable[Text]) -> Interest:
        """What a few expressions read."""
        return interest_in(texts, self.content.forms, self.vocabulary)

    @cached_property
    def opening(self) -> Element | None:
        """The start event that opens a case."""
        places = self.setting.release.start_forms.values()
        return next((element for _, element in places if element.subject == OPENS_CASE), None)

    # -- what belongs to a process ----------------------------------------------------------------------
    def starts(self, root: str) -> tuple[str, ...]:
        """The start forms of a process, and those of others that something in it asks for."""
        release, own = self.setting.release, processes_from(self.processes, root)
        asked = self.interest(own).forms
        mine = [form for form, (process, _) in release.start_forms.items() if process == root]
        others = [f for f, (p, e) in release.start_forms.items() if p not in own and asked & self.forms_of(p)]
        return (*mine, *(f for f in others if release.start_forms[f][1].subject != OPENS_CASE))

    def forms_of(self, root: str) -> set[str]:
        """The forms that are handed in in a process, its stages and what it starts."""
        drawn = (self.processes[name].elements.values() for name in processes_from(self.processes, root))
        return {one.form for elements in drawn for one in elements if one.form}

    def among(self, root: str) -> tuple[str, ...]:
        """All processes in which somebody acts when one is explored."""
        found = dict.fromkeys(processes_from(self.processes, root))
        for form in self.starts(root):
            found.update(
                dict.fromkeys(processes_from(self.processes, self.setting.release.start_forms[form][0]))
            )
        return tuple(found)

    def terms(self, root: str) -> Mapping[str, Sequence[Term]]:
        """The deciding facts: of the case, and of each side process its own.

        What is asked before there is an instance of a side process, or in the step that begins one, is asked of the
        case.
        """
        stages = self.setting.release.definition.stages_of(root)
        sides = [p for p in self.among(root) if p not in stages]
        own = self.terms_of(stages)
        known = {term.node for term in own}
        main = self._terms(chain(texts_of(self.setting.release, stages), self._texts_at_start(sides)))
        return {MAIN: main, **{p: [t for t in self.terms_of([p]) if t.node not in known] for p in sides}}

    def terms_of(self, processes: Iterable[str]) -> list[Term]:
        """The deciding facts of some processes."""
        return self._terms(texts_of(self.setting.release, processes))

    def _texts_at_start(self, processes: Iterable[str]) -> Iterator[Text]:
        """What may be read in the step that begins one of these."""
        downstream = Downstream(self.setting.release.definition)
        for name in processes:
            for event in self.processes[name].start_events:
                yield from downstream.texts(event, self.content.forms)

    def _terms(self, texts: Iterable[Text]) -> list[Term]:
        release = self.setting.release
        found = Terms(release.content.facts, release.forms)
        for text in texts:
            if text.decides:
                own = release.content.forms[text.form].fields if text.form else ()
                drawn = self.processes.get(text.process)
                fresh = fresh_before(drawn, text.element) if drawn and text.element else frozenset[str]()
                found.read(text.text, frozenset(one.path[0] for one in own), fresh)
        return list(found.found.values())

    # -- the past ---------------------------------------------------------------------------------------
    @cached_property
    def earlier(self) -> str | None:
        """The number of a case that was opened before, so that an order may be here already, and a file."""
        move = self._opening(EARLIER_ORDER)
        try:
            values = self._moves().on(None, NOON).values(move) if move else None
        except NotShownError:
            return None
        if move is None or values is None:
            return None
        outcome = self.doing.hand_in(move, values, None, NOON)
        self.store.kept = outcome.kept
        head = self.setting.earlier = self.store.shelve()
        if head is None:
            return None
        file = self.store.around.attachments[self.setting.upload(EARLIER_FILE, move.person)]
        self.store.around.used_files[file.sha256] = head.case_no
        return head.case_no

    def _opening(self, order: str) -> Handing | None:
        board = self._moves().on(None, NOON)
        found = next((m for m in board if isinstance(m, Handing) and m.way == PLAINLY), None)
        if found is None:
            return None
        fields = self.content.forms[found.form].fields
        orders = [one for one in fields if f"{found.form}.{one.name}" in self.everything.orders]
        return replace(found, way=tuple(Choice(one, order, fixed(order)) for one in orders))

    def _moves(self) -> Moves:
        starts = (self.opening.form or "",) if self.opening else ()
        moves = Moves(self.setting, self.everything, frozenset(), starts)
        if self.opening:
            moves.ways_for(self.opening)
        return moves
