"""What the panel of suggestions shows: a form, and cards that say where each is from."""

from dataclasses import dataclass

from analysis import known_questions
from analysis.competency_library import LibraryEntry, library_entry
from analysis.question_writer import suggest_question
from analysis.suggestion_forms import TakeForm, WishForm
from analysis.suggestions import Served, Suggestion
from interviews.models import Interview
from ops import failures
from ops.failures import Failure
from ops.principals import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A suggestion as it is shown."""

    suggestion: Suggestion
    served: Served
    form: TakeForm
    competency: LibraryEntry | None
    fallback: Failure | None

    @property
    def names_topics(self) -> bool:
        """Whether what it is about is worth saying: the bank's own words for it."""
        return self.served.source == "bank" and bool(self.suggestion.topic)


def next_card(principal: Principal, interview: Interview, form: WishForm) -> Card:
    """Suggest a question that neither the interview asks nor the page shows.

    Raises: StateConflict when there is no other.
    """
    known = known_questions.of_interview(interview) | set(form.shown())
    served = suggest_question(
        wish=form.wish(), organization_id=interview.organization_id, known=known
    )
    suggestion = served.suggestion
    code = served.fallback_code
    return Card(
        suggestion=suggestion,
        served=served,
        form=TakeForm.of(suggestion, is_generated=served.source != "bank"),
        competency=library_entry(principal, suggestion.competency, suggestion.locale),
        fallback=failures.by_code(code) if code else None,
    )
