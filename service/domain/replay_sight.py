"""What whoever has past cases replayed learns by it, decided here for all that a replay reads, asks and tells."""

from __future__ import annotations

from dataclasses import dataclass

from service.domain.people import Person


@dataclass(frozen=True, slots=True)
class ReplaySight:
    """The eyes with which past cases are replayed.

    An expression of a draft can ask a case anything, and how the case comes out answers. So a replay in pages is
    *given* no more than its person may read: of the cases those of which they see everything, contacts too, and no
    look is written down; of the other cases that an expression asks about the same ones, as if no others were here;
    and nothing that the discipline office handed in, whoever asks. What is left to learn is one answer in a closed
    vocabulary (which step, what kind of difference, when something is due) per case that this person may read anyway.
    And what is *told* never holds a text that the draft worked out: ids and names as the content and the record have
    them, and instants.

    With `counts_others` the cases that this person may not read are replayed as well and told as numbers alone. A
    number can answer a question about a case, so that is for the installation to allow; restricted ones never count.

    `person` is None for whoever runs the service and its database, who is told everything but of restricted cases.
    Article: A8-3, A15-1.
    """

    person: Person | None = None
    counts_others: bool = False

    @property
    def is_of_house(self) -> bool:
        """Whether it is that of whoever runs the service: nothing is withheld, and texts are told as they are."""
        return self.person is None


OF_HOUSE = ReplaySight()
