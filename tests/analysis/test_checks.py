"""What every management command says of a question bank that can't be used."""

import pytest

from analysis import question_bank
from analysis.checks import check_question_bank


@pytest.fixture
def own_folder(tmp_path, settings, monkeypatch):
    """A folder of one's own, forgotten afterwards."""
    settings.QUESTION_BANK_DIR = str(tmp_path)
    monkeypatch.setattr(question_bank, "_folders", [question_bank.FOLDER])
    question_bank.also_read(tmp_path)
    yield tmp_path
    question_bank.bank.cache_clear()


def test_the_built_in_bank_can_be_used():
    assert check_question_bank(None) == []


def test_questions_of_ones_own_stand_beside_the_built_in_ones(own_folder):
    (own_folder / "own.toml").write_text(
        'competency = "planning"\n[[questions]]\nid = "own-question"\nkind = "text"\n'
        'difficulty = "easy"\ntopics = {en = ["a", "b"], de = ["a", "b"], es = ["a", "b"]}\n'
        'text = {en = "Write.", de = "Schreiben Sie.", es = "Escriba."}\n'
        'shows = {en = "Care.", de = "Sorgfalt.", es = "Cuidado."}\n',
        encoding="utf-8",
    )
    assert check_question_bank(None) == []
    assert question_bank.bank().question("own-question").competency == "planning"
    assert len(question_bank.bank().questions) > 100


def test_a_wrong_entry_is_named_at_the_start(own_folder):
    (own_folder / "own.toml").write_text('competency = "juggling"\nquestions = []')
    (found,) = check_question_bank(None)
    assert found.id == "analysis.E002"
    assert "own.toml: no file describes the competency 'juggling'" in found.msg


def test_a_folder_that_is_not_there_is_named_at_the_start(settings, tmp_path):
    settings.QUESTION_BANK_DIR = str(tmp_path / "gone")
    (found,) = check_question_bank(None)
    assert found.id == "analysis.E001"


def test_a_folder_is_read_once_however_often_it_is_named(own_folder):
    before = question_bank.bank()
    question_bank.also_read(own_folder)
    assert question_bank.bank() is before
