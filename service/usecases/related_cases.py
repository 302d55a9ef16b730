"""What the step of one case changes in others: a report filed by itself counts for the case that it names, and is as
restricted as that case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from service.content.links import LINK
from service.domain.case import CaseFile
from service.domain.changes import CaseChange, LoadedCase, RelatedFile
from service.domain.errors import Missing, Stale
from service.usecases.case_change import columns_after
from service.usecases.case_work import CaseWork


def in_related_cases(work: CaseWork, loaded: LoadedCase | None, change: CaseChange) -> list[CaseChange]:
    """What is to be saved of other cases with a step of this one, which was `loaded` before it (None: it was opened).

    Of a case that this file names as related, or no longer does: its columns, also when this file is closed. Of the
    files that name this case, and of those that name them: their heads, when it becomes restricted or no longer is.
    What waits in those cases goes on by their own steps, and nobody is kept from handing in a report by what is due
    elsewhere. Article: A8-3. Raises: Stale, when it is saved, where such a case moved meanwhile.
    """
    before, after = loaded.case if loaded else None, change.case
    elsewhere = Elsewhere(work, after.case_no, {**work.elsewhere, after.case_no: after})
    if link(before) != link(after):
        own = RelatedFile(after.case_no, after.opened_by_form, after.closed_at is not None)
        elsewhere.count(own, named_by(before), named_by(after))
        elsewhere.require_as_read()
    if loaded is not None and loaded.case.restricted != after.restricted:
        elsewhere.carry_over(loaded.related)
    return elsewhere.changes()


def named_by(case: CaseFile | None) -> str | None:
    """The number of the case that a file names as related."""
    return case.columns.get(LINK) if case else None


def link(case: CaseFile | None) -> tuple[str | None, bool]:
    """What of a file counts for the case that it names: which one, and whether the file is closed."""
    named = named_by(case)
    return named, named is not None and case is not None and case.closed_at is not None


@dataclass(slots=True)
class Elsewhere:
    """The cases that a command moves beside its own: as they were read, and as they are with it."""

    work: CaseWork  # that of the command's own case
    own: str  # its number
    heads: dict[str, CaseFile]  # by number, its own among them
    read: dict[str, LoadedCase] = field(default_factory=dict)
    carried: set[str] = field(default_factory=set)  # of which the files were worked out: nothing goes round

    def count(self, own: RelatedFile, before: str | None, after: str | None) -> None:
        """A file counts for the case that it names now, and no longer for the one that it named."""
        for number in dict.fromkeys((before, after)):
            loaded = self.found(number)
            if loaded is None:
                continue
            others = tuple(one for one in loaded.related if one.case_no != own.case_no)
            related = (*others, own) if loaded.case.case_no == after else others
            ordered = tuple(sorted(related, key=lambda one: one.case_no))
            self.read[loaded.case.case_no] = replace(loaded, related=ordered)
            self.work_out(loaded.case.case_no)

    def carry_over(self, files: Sequence[RelatedFile]) -> None:
        """A case became restricted, or no longer is: so are the files that name it, as far as the content says."""
        for file in files:
            if self.found(file.case_no) is not None:
                self.work_out(file.case_no)

    def work_out(self, number: str) -> None:
        """The head of a case as it is with what has moved elsewhere, and what follows from that in turn."""
        loaded, before = self.read[number], self.heads[number]
        own = self.work
        work = CaseWork.of(own.house, own.uow, replace(loaded, case=before), own.now, own.cause)
        work.elsewhere = self.heads
        work.work_out_anew()
        after = self.heads[number] = replace(work.case, columns=columns_after(work))
        if before.restricted != after.restricted and number not in self.carried:
            self.carried.add(number)
            self.carry_over(loaded.related)

    def found(self, number: str | None) -> LoadedCase | None:
        """The case of a number, where there is one beside the command's own."""
        if number in (None, self.own):
            return None
        number, uow = str(number), self.work.uow
        if number not in self.read:
            try:
                self.read[number] = uow.load(uow.case_of_no(number).id)
            except Missing:
                return None
            self.heads[number] = self.read[number].case
        return self.read[number]

    def require_as_read(self) -> None:
        """What the step saw of another case stands still. Raises: Stale."""
        for number, loaded in self.read.items():
            seen = self.work.elsewhere.get(number)
            if seen is not None and seen.version != loaded.case.version:
                raise Stale

    def changes(self) -> list[CaseChange]:
        """What is to be saved of them: each, also one that stays as it is.

        Whoever makes it restricted at the same moment has not seen this file: one of both comes too late, and looks
        again.
        """
        return [
            CaseChange(
                case=replace(self.heads[number], version=loaded.case.version + 1), seen=loaded.case.version
            )
            for number, loaded in self.read.items()
        ]
