"""On which parts of a state the outcome of handing in a form can depend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from service.content.forms import Form
from service.engine import Element
from service.feel import compile as compile_feel
from service.feel import nodes as n
from service.rehearsal.exploring.downstream import Downstream
from service.rehearsal.exploring.interest import Text, texts_at
from service.rehearsal.exploring.terms import Terms

MAIN = ""  # the instance that the case was opened with
FACT = "fact"
LEAD = "lead_department"  # the fact by which it is decided who may do what falls to the lead department

Part = tuple[str, ...]
Fact = tuple[str, Part]  # where it belongs: MAIN, or a side process


@dataclass(frozen=True, slots=True)
class Reads:
    """Parts by where they belong: MAIN, or the side process whose instance they are of.

    `judged` are those on which it depends whether the form is refused; `all` those of the whole step.
    `processes` are the side processes that the step may start or stop.
    """

    judged: tuple[Fact, ...]
    all: tuple[Fact, ...]
    processes: frozenset[str]


@dataclass
class Dependence:
    """What moves depend on, worked out once for each element."""

    downstream: Downstream
    terms: Mapping[str, Sequence[n.Node]]  # MAIN or side process → its terms, as pictures number them
    facts: Mapping[str, str]
    forms: Mapping[str, Form]
    _known: dict[str, Reads] = field(default_factory=dict)
    _crossings: dict[str, tuple[Part, ...]] = field(default_factory=dict)

    def of(self, element: Element) -> Reads:
        """What the outcome of handing in the form at an element depends on."""
        if element.id not in self._known:
            self._known[element.id] = self._worked_out(element)
        return self._known[element.id]

    def crossing(self, element: Element) -> tuple[Part, ...]:
        """The parts of the case that decide together what becomes of a task: its rules, and the gateways behind it."""
        if element.id not in self._crossings:
            self._crossings[element.id] = self._crossing(element)
        return self._crossings[element.id]

    def _crossing(self, element: Element) -> tuple[Part, ...]:
        texts = [t for t in texts_at(element, self.forms) if t.text != element.due]
        texts += self.downstream.next_conditions(element)
        return tuple(part for where, part in self._parts(texts, deep=False) if where == MAIN)

    def together(self, texts: Iterable[Text]) -> frozenset[frozenset[Fact]]:
        """The facts that are read by twos: by one expression, or by what is asked at one task and behind it."""
        asked = [[text] for text in texts]
        for element in self.downstream.definition.elements.values():
            if element.kind == "userTask":
                at_once = [t for t in texts_at(element, self.forms) if t.text != element.due]
                asked.append([*at_once, *self.downstream.next_conditions(element)])
        found: set[frozenset[Fact]] = set()
        for several in asked:
            facts = self._parts(several, deep=True)
            found.update(frozenset(two) for two in combinations(facts, 2))
        return frozenset(found)

    def asked(self) -> Mapping[Part, frozenset[Fact]]:
        """What is read when somebody does a task that is open, and when the time comes for which something waits."""
        found: dict[Part, frozenset[Fact]] = {}
        for element in self.downstream.definition.elements.values():
            if element.kind == "userTask" and element.form:
                found["token", element.id] = frozenset(
                    one for one in self.of(element).all if one[1][0] == FACT
                )
            elif element.due and element.attached_to:
                place = ("clock", element.clock) if element.clock else ("timer", element.id)
                texts = [Text(element.due, element.process), *self.downstream.next_conditions(element)]
                found[place] = found.get(place, frozenset()).union(self._parts(texts, deep=True))
        return found

    def facts_of(self, texts: Iterable[Text]) -> tuple[Fact, ...]:
        """The facts that expressions read, and all that these are made of."""
        return self._parts(texts, deep=True)

    def forms_of(self, texts: Iterable[Text]) -> frozenset[str]:
        """The forms that expressions read, through facts too."""
        return frozenset[str]().union(*(self._forms_in(text.text) for text in texts))

    def _worked_out(self, element: Element) -> Reads:
        own_texts = [t for t in texts_at(element, self.forms) if t.text != element.due]
        form = element.form or ""
        texts = self.downstream.texts(element, self.forms)
        reached = [self.downstream.definition.elements[name] for name in self.downstream.reach(element)]
        begun = {element.process} if element.kind == "startEvent" else set()
        return Reads(
            judged=self._parts(own_texts, deep=False),
            all=(
                *self._parts(texts, deep=False),
                *self._parts(self._changed_by(form), deep=True),
                *self._timers(form),
            ),
            processes=frozenset({*(p for e in reached for p in (e.starts, e.stops) if p), *begun}),
        )

    def _parts(self, texts: Iterable[Text], *, deep: bool) -> tuple[tuple[str, Part], ...]:
        found = Terms(self.facts, self.forms, deep=deep)
        for text in texts:
            own = frozenset(f.path[0] for f in self.forms[text.form].fields) if text.form else frozenset()
            found.read(text.text, own)
        return tuple(
            (where, (FACT, str(number)))
            for where, nodes in self.terms.items()
            for number, node in enumerate(nodes)
            if node in found.found
        )

    def _changed_by(self, form: str) -> list[Text]:
        """The facts that are made of what this form says: what they become depends on what else they read."""
        return [Text(name, "") for name in sorted(self._asked) if form in self.read_by[name]]

    def _timers(self, form: str) -> tuple[tuple[str, Part], ...]:
        """The clocks and timers whose time may move when this form is handed in."""
        elements = self.downstream.definition.elements.values()
        moved = [e for e in elements if e.due and e.attached_to and form in self._forms_in(e.due)]
        clocks: list[tuple[str, Part]] = [(MAIN, ("clock", e.clock)) for e in moved if e.clock]
        return (*clocks, *((MAIN, ("timer", e.id)) for e in moved if not e.clock))

    @cached_property
    def _asked(self) -> frozenset[str]:
        """The facts on which the course of anything depends; others change nothing."""
        nodes = [node for known in self.terms.values() for node in known]
        names = {one.name for node in nodes for one, _ in n.within(node) if isinstance(one, n.Name)}
        return frozenset(names & set(self.facts))

    @cached_property
    def read_by(self) -> Mapping[str, frozenset[str]]:
        """Each fact with the forms that it reads, through other facts too."""
        found: dict[str, frozenset[str]] = {}

        def read(name: str) -> frozenset[str]:
            if name not in found:
                found[name] = frozenset()
                found[name] = self._forms_in(self.facts[name], read)
            return found[name]

        for name in self.facts:
            read(name)
        return found

    def _forms_in(self, text: str, read: object = None) -> frozenset[str]:
        expression = compile_feel(text)
        names = {*expression.names, *expression.item_names}
        direct = names & set(self.forms)
        called = {form for name, form in expression.literal_calls if name in {"all", "mine"}}
        through = read if callable(read) else self.read_by.__getitem__
        return frozenset({*direct, *called}).union(*(through(f) for f in names & set(self.facts)))


@dataclass(frozen=True, slots=True)
class Apart:
    """Tells which parts of a state need not be seen beside each other: two facts that nothing reads together, and a
    task, clock or timer beside a fact on which nothing that may come of it depends.

    Where tokens stand and which clocks run matters beside each other.
    """

    together: frozenset[frozenset[Fact]]
    asked: Mapping[
        Part, frozenset[Fact]
    ]  # where a token stands, or what time is waited for → what is read then

    def __call__(self, one: Part, other: Part) -> bool:
        """Whether nothing depends on what these two are at once."""
        (own, mine), (others, its) = placed(one), placed(other)
        if FACT not in {mine[0], its[0]}:
            return False
        if own != others and MAIN not in {own, others}:
            return True  # no instance reads another's
        here, there = (process_of(own), mine), (process_of(others), its)
        if mine[0] == its[0]:
            return here != there and frozenset((here, there)) not in self.together
        place, fact = (its, here) if mine[0] == FACT else (mine, there)
        return place in self.asked and fact not in self.asked[place]


def placed(part: Part) -> tuple[str, Part]:
    """The instance that a part is of, and the part itself: `("co_handling#0", "fact", "3")` is one of a side process."""
    return (part[0], part[1:]) if "#" in part[0] else (MAIN, part)


def process_of(instance: str) -> str:
    """The side process of an instance by its name; MAIN stays."""
    return instance.partition("#")[0]
