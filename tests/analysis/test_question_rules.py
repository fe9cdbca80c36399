"""What a question is found guilty of, and what it is not."""

import pytest

from analysis.question_bank import LOCALES
from analysis.question_bank.rules import CLOSED, JOINED, UNLAWFUL, findings

BAD = (
    ("en", "What went wrong? What would you do today?", "double_barrelled"),
    ("en", "What went wrong and how did you put it right?", "double_barrelled"),
    ("en", "Have you ever led a team?", "closed"),
    ("en", "How do you fit long shifts in with your children?", "unlawful"),
    ("en", "What salary did your last post bring?", "unlawful"),
    ("en", "Where are you from originally?", "unlawful"),
    ("en", "How old were you when you started?", "unlawful"),
    ("de", "Was ging schief, und wie haben Sie es behoben?", "double_barrelled"),
    ("de", "Was ging schief? Was täten Sie heute?", "double_barrelled"),
    ("de", "Haben Sie schon einmal ein Team geleitet?", "closed"),
    ("de", "Wie vereinbaren Sie Schichten mit Ihrer Familienplanung?", "unlawful"),
    ("de", "Welches Gehalt hatten Sie bisher?", "unlawful"),
    ("de", "Was ist Ihre Muttersprache?", "unlawful"),
    ("es", "¿Qué falló y cómo lo arregló?", "double_barrelled"),
    ("es", "¿Qué falló? ¿Qué haría hoy?", "double_barrelled"),
    ("es", "¿Ha dirigido alguna vez un equipo?", "closed"),
    ("es", "¿Cómo compagina los turnos con sus hijos?", "unlawful"),
    ("es", "¿Qué sueldo tenía en su último puesto?", "unlawful"),
    ("es", "¿Cuál es su estado civil?", "unlawful"),
)
GOOD = (
    ("en", "Tell us about a plan that failed. What did you change and keep?"),
    ("en", "A colleague asks you for advice: you have ten minutes. What do you say?"),
    ("en", "Two parts look alike: what do you pay attention to?"),
    ("de", "Erzählen Sie von einem Plan, der scheiterte. Was haben Sie danach geändert?"),
    ("es", "Háblenos de un plan que fracasó. ¿Qué cambió después?"),
)


@pytest.mark.parametrize(("locale", "text", "code"), BAD)
def test_a_bad_question_is_found_out(locale, text, code):
    assert code in {finding.code for finding in findings(text, locale)}


@pytest.mark.parametrize(("locale", "text"), GOOD)
def test_a_good_question_is_left_alone(locale, text):
    assert findings(text, locale) == ()


def test_a_question_must_be_short_enough_to_be_heard():
    assert [f.code for f in findings("Why " * 200 + "this?", "en")] == ["too_long"]


def test_a_language_without_lists_is_judged_by_what_needs_none():
    assert findings("Pourquoi ? Et comment ?", "fr")[0].code == "double_barrelled"
    assert findings("Pourquoi ?", "fr") == ()


@pytest.mark.parametrize("lists", [JOINED, CLOSED, UNLAWFUL])
def test_every_language_of_the_bank_has_its_lists(lists):
    assert tuple(lists) == LOCALES
