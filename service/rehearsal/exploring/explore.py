"""`jsjb explore`: what can happen in a process, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from service.content import Content
from service.domain.errors import Finding, Missing
from service.engine import Definition, Process
from service.rehearsal.exploring.aimed import Aimed, Nearest
from service.rehearsal.exploring.begin import Beginnings
from service.rehearsal.exploring.by_policy import ByPolicy
from service.rehearsal.exploring.checks import wrong_in
from service.rehearsal.exploring.dependence import Apart, Dependence, Part
from service.rehearsal.exploring.doing import Outcome
from service.rehearsal.exploring.downstream import Downstream
from service.rehearsal.exploring.found import Explored, Found, Note
from service.rehearsal.exploring.ground import Ground
from service.rehearsal.exploring.interest import processes_from, texts_of
from service.rehearsal.exploring.moves import Handing, Move, Moves
from service.rehearsal.exploring.novelty import Novelty
from service.rehearsal.exploring.reached import Reached
from service.rehearsal.exploring.recall import Recall
from service.rehearsal.exploring.search import Search, State
from service.rehearsal.exploring.states import Picture, States
from service.rehearsal.exploring.telling import way_to
from service.rehearsal.exploring.terms import Term
from service.rehearsal.exploring.unreached import Unreached

Watching = Callable[["Exploration"], None]  # told now and then how far a search is

EVERYTHING = "all"  # asked for like a process
PAIRS, ALONE = 2, 1
MOST_STATES = 20_000
FEW = 100  # states: where there are no more, each is gone on from
MOST_STEPS = 3_000  # of a search that goes on from each state


def silent(exploration: Exploration) -> None:
    """Says nothing of how far a search is."""


def roots_of(content_processes: Mapping[str, Process]) -> list[str]:
    """The processes that begin by themselves or by a form; all others are looked at through these."""
    return [p.id for p in content_processes.values() if not p.is_stage and begins(p)]


def begins(process: Process) -> bool:
    """Whether a process has a beginning of its own."""
    return any(event.form or event.event == "timer" for event in process.start_events)


def root_of(processes: Mapping[str, Process], name: str) -> str:
    """The process through which this one is looked at: itself, or the one that calls or starts it.

    Raises: Missing.
    """
    if name not in processes:
        known = "、".join(sorted(processes))
        raise Missing(f"没有名为 {name} 的流程；现有：{known}。", code="process.missing")
    roots = roots_of(processes)
    if name in roots:
        return name
    found = next((root for root in roots if name in processes_from(processes, root)), None)
    if found is None:
        raise Missing(f"流程 {name} 没有开始的办法：没有表单、计时或别的流程启动它。", code="process.missing")
    return found


def explore_all(
    content: Content,
    wanted: Sequence[str] = (),
    *,
    most: int | None = None,
    quick: bool = False,
    progress: Watching = silent,
) -> Iterator[Explored]:
    """Explore these processes, or all; yields each search as it is done, with what it found about them.

    A process is told of through its own beginning, or through what calls or starts it first; one that is asked for
    together with its stages and what it starts. Raises: Missing.
    """
    ground = Ground(content)
    if EVERYTHING in wanted and EVERYTHING not in ground.processes:
        wanted = ()
    through = {name: root_of(ground.processes, name) for name in wanted or known_from(ground.processes)}
    for root in dict.fromkeys(through.values()):
        told = tuple(name for name, its_root in through.items() if its_root == root)
        if root in wanted:
            told = processes_from(ground.processes, root)
        yield explore(ground, root, most=most or MOST_STATES, quick=quick, progress=progress).about(told)


def known_from(processes: Mapping[str, Process]) -> list[str]:
    """Every process that can begin at all, the roots and what is reached from them."""
    found: dict[str, None] = {}
    for root in roots_of(processes):
        found.update(dict.fromkeys(processes_from(processes, root)))
    return [name for name in processes if name in found]


def explore(
    ground: Ground,
    root: str,
    *,
    most: int = MOST_STATES,
    quick: bool = False,
    progress: Watching = silent,
) -> Explored:
    """Search all that can happen in a process, its stages and what it starts.

    By pairs of what can be seen together, which is told; where the states are few, one by one as well. `quick`:
    until each thing was seen once by itself, which says nothing of what was not reached.
    """
    if quick:
        alone = Exploration(ground, root, width=ALONE)
        alone.run(most, progress)
        return alone.explored()
    by_pairs = Exploration(ground, root, width=PAIRS)
    by_pairs.run(most, progress)
    if by_pairs.search.is_complete and by_pairs.search.novelty.seen <= FEW:
        one_by_one = Exploration(ground, root, width=None)
        one_by_one.run(most, progress, most_steps=MOST_STEPS)
        if one_by_one.search.is_complete:
            return one_by_one.explored()
    return by_pairs.explored()


@dataclass
class Exploration:
    """One search, and what it comes across."""

    ground: Ground
    root: str
    width: int | None
    reached: Reached = field(default_factory=Reached)
    wrong: dict[tuple[str, str, str], Found] = field(default_factory=dict)
    ways_on: dict[int, set[int]] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    by_mask: dict[int, State] = field(default_factory=dict)
    beginnings: list[State] = field(default_factory=list)

    @cached_property
    def definition(self) -> Definition:
        """All that is drawn."""
        return self.ground.setting.release.definition

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The process, its stages and what it starts."""
        return processes_from(self.definition.processes, self.root)

    @cached_property
    def terms(self) -> Mapping[str, Sequence[Term]]:
        """The facts by which states are told apart."""
        return self.ground.terms(self.root)

    @cached_property
    def dependence(self) -> Dependence:
        """What moves depend on."""
        nodes = {where: [term.node for term in known] for where, known in self.terms.items()}
        content = self.ground.content
        return Dependence(Downstream(self.definition), nodes, content.facts, content.forms)

    @cached_property
    def nearest(self) -> Nearest:
        """States from which one thing may be searched for."""
        return Nearest(self.dependence)

    @cached_property
    def search(self) -> Search:
        """The search, not begun yet."""
        ground, dependence = self.ground, self.dependence
        setting, among = ground.setting, frozenset(ground.among(self.root))
        return Search(
            moves=Moves(setting, ground.interest(among), among, ground.starts(self.root)),
            doing=ground.doing,
            states=States(setting, among, self.terms),
            novelty=self._novelty(dependence) if self.width == PAIRS else Novelty(self.width),
            watcher=self,
            recall=Recall(dependence) if self.width else None,
        )

    def _novelty(self, dependence: Dependence) -> Novelty:
        """What is new by pairs: of those that something depends on at once."""
        read = texts_of(self.ground.setting.release, self.ground.among(self.root))
        together = dependence.together(text for text in read if text.decides)
        return Novelty(self.width, self._crossings(dependence), Apart(together, dependence.asked()))

    def _crossings(self, dependence: Dependence) -> Mapping[Part, tuple[Part, ...]]:
        """Where somebody acts, what decides together what comes of it."""
        among = self.ground.among(self.root)
        tasks = [e for e in self.definition.elements.values() if e.kind == "userTask" and e.process in among]
        return {("token", e.id): parts for e in tasks if (parts := dependence.crossing(e))}

    # -- the search -------------------------------------------------------------------------------------
    def run(self, most: int, progress: Watching, *, most_steps: int | None = None) -> None:
        """Search as far as `most` states are gone on from."""
        _ = self.ground.earlier
        process = self.definition.processes[self.root]
        beginnings = Beginnings(self.ground, cases_for(self.ground, process, progress))
        self.beginnings = list(beginnings.of(process))
        self.reached.take_changes(beginnings.changes)
        self.search.run(
            self.beginnings, most=most, most_steps=most_steps, progress=lambda search: progress(self)
        )
        if self.width == ALONE and self.root == opening_root(self.ground):
            self.ground.cases = list(self.by_mask.values())

    def made(self, state: State, move: Move, outcome: Outcome) -> None:
        """A move was made in a state."""
        self.reached.take(state, move, outcome)
        if outcome.broken is not None:
            self._note(broken(move, outcome.broken, self.definition.elements), state, move)

    def seen(self, state: State, picture: Picture) -> None:
        """A state was seen for the first time."""
        for finding in wrong_in(picture, self.ground.setting):
            self._note(finding, state)
        if self.width != ALONE:
            self.nearest.take(state, picture)
        if self.width != PAIRS:
            self.by_mask[state.mask] = state
        if not picture.tokens:
            self.ended.add(state.mask)

    def left(self, state: State) -> None:
        """Every move from a state was looked at: what is no more asked for makes room."""
        state.picture = None
        if self.width == PAIRS:
            state.kept = None

    def joined(self, state: State, mask: int) -> None:
        """A move led from a state to another."""
        if self.width is None:
            self.ways_on.setdefault(state.mask, set()).add(mask)

    def _note(self, finding: Finding, state: State, last: Move | None = None) -> None:
        key = (finding.rule, finding.element or "", finding.message)
        if key not in self.wrong:
            definition = self.definition
            element = definition.elements.get(finding.element or "")
            process = element.process if element else finding.element or self.root
            self.wrong[key] = Found(process, finding, way_to(state, definition, last))

    # -- what was found ---------------------------------------------------------------------------------
    def explored(self) -> Explored:
        """What the search saw and found."""
        search, definition = self.search, self.definition
        content = self.ground.content
        unreached = Unreached(definition, self.reached, ByPolicy(content.policy, content.facts))
        asked = self.ground.interest_in
        aimed = Aimed(search, self.dependence, self.nearest, self.reached, self.beginnings, asked)
        rest: list[Found] = []
        if search.is_complete and self.width != ALONE:
            never_ending = list(self._never_ending())  # told of what the first search saw
            rest = [*self._never_reached(aimed, unreached), *never_ending]
        found = [*self.wrong.values(), *rest]
        return Explored(
            root=self.root,
            processes=self.own,
            names={name: process.name or name for name, process in definition.processes.items()},
            states=search.novelty.seen,
            gone_on=search.gone_on,
            steps=search.steps + aimed.steps,
            width=self.width,
            is_complete=search.is_complete,
            found=[one for one in found if one.process in self.own],
            notes=[*self._limits(aimed), *dict.fromkeys(unreached.notes)],
        )

    def _never_reached(self, aimed: Aimed, unreached: Unreached) -> Iterator[Found]:
        """What was not come to, each thing searched for once more by itself."""
        processes = [self.definition.processes[name] for name in self.own]
        for missed in aimed.rest(lambda: [one for process in processes for one in unreached.of(process)]):
            yield Found(missed.at.process, missed.finding)

    def _never_ending(self) -> Iterator[Found]:
        """States from which the process cannot come to its end any more; known only where all states were seen."""
        if self.width is not None:
            return
        into: dict[int, set[int]] = {}
        for mask, after in self.ways_on.items():
            for one in after:
                into.setdefault(one, set()).add(mask)
        ends, waiting = set(self.ended), list(self.ended)
        while waiting:
            for mask in into.get(waiting.pop(), ()):
                if mask not in ends:
                    ends.add(mask)
                    waiting.append(mask)
        lost = next((state for mask, state in self.by_mask.items() if mask not in ends), None)
        if lost is not None:
            process = self.definition.processes[self.root]
            message = f"“{process.name}”从这里起再也走不到结束。"
            cure = "检查此后的条件和规则，让流程总能办完。"
            finding = Finding("explore.no_end", message, cure, process.file, process.line, process.id)
            yield Found(self.root, finding, way_to(lost, self.definition))

    def _limits(self, aimed: Aimed) -> Iterator[Note]:
        search = self.search
        if aimed.searched:
            yield Note(aimed.told())
        if not search.is_complete:
            left = len(search.waiting)
            yield Note(
                f"到了上限：只从 {search.gone_on} 个状态往下走，还有 {left} 个没有走；没到过的不作结论。"
            )
        for form, ways in sorted(search.moves.ways.items()):
            if ways.left_out:
                title = self.ground.content.forms[form].title or form
                yield Note(f"表单“{title}”（{form}）的填法太多，有 {ways.left_out} 种组合没有试。")


def broken(move: Move, error: BaseException, elements: Mapping[str, object]) -> Finding:
    """Something that must not happen whatever people do."""
    name = move.element.id if isinstance(move, Handing) else move.node
    element = move.element if isinstance(move, Handing) else None
    message = f"走到这里时系统出错：{error}"
    cure = "检查这一步之后的网关和表达式。"
    file, line = (element.file, element.line) if element else ("", None)
    return Finding("explore.broken", message, cure, file, line, name)


def cases_for(ground: Ground, process: Process, progress: Watching) -> Sequence[State]:
    """The states of a case on which a process may begin; none where it needs no case."""
    if not {event.subject for event in process.start_events if event.form} & {"case", "any"}:
        return ()
    if ground.cases is None:
        ground.cases = made_cases(ground, progress)
    return ground.cases


def opening_root(ground: Ground) -> str | None:
    """The process that opens a case."""
    places = ground.setting.release.start_forms
    return places[ground.opening.form or ""][0] if ground.opening else None


def made_cases(ground: Ground, progress: Watching) -> Sequence[State]:
    """A case in each state that shows something no nearer one shows: a short search of what opens a case."""
    root = opening_root(ground)
    if root is None:
        return ()
    short = Exploration(ground, root, width=ALONE)
    short.run(MOST_STATES, progress)
    return list(short.by_mask.values())
