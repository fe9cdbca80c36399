"""The gate: what is media gets in and is measured; everything else has its failure code."""

import pytest

from ops.failures import StageFailure
from recordings import media
from tests.media import samples

pytestmark = pytest.mark.slow


def code_of(path, content_type="audio/webm"):
    with pytest.raises(StageFailure) as caught:
        media.probe(path, content_type=content_type)
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "content_type", "codec", "container"),
    [
        ("a.wav", "audio/wav", (), "wav"),
        ("a.ogg", "audio/ogg", ("-c:a", "libopus"), "ogg"),
        ("b.ogg", "audio/ogg", ("-c:a", "libvorbis"), "ogg"),
        ("a.webm", "audio/webm", ("-c:a", "libopus"), "matroska"),
        ("a.m4a", "audio/x-m4a", ("-c:a", "aac"), "mov"),
        ("f.mp4", "audio/mp4", ("-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"), "mov"),
        ("a.mp3", "audio/mpeg", ("-c:a", "libmp3lame"), "mp3"),
        ("b.mp3", "audio/mpeg", ("-c:a", "libmp3lame", "-id3v2_version", "0"), "mp3"),
        ("a.aac", "audio/aac", ("-c:a", "aac"), "aac"),
        ("a.flac", "audio/flac", ("-c:a", "flac"), "flac"),
    ],
)
def test_every_format_is_measured_by_decoding(tmp_path, name, content_type, codec, container):
    path = samples.tone(tmp_path, name, codec=codec)
    found = media.probe(path, content_type=content_type)
    assert found.container == container
    assert found.duration_ms == pytest.approx(2000, abs=120)
    assert found.audio_codec == samples.ffprobe(path)["streams"][0]["codec_name"]
    assert found.video_codec == ""
    assert not found.is_truncated


def test_a_browsers_webm_without_a_duration_is_measured(tmp_path):
    path = samples.live_webm(tmp_path, seconds=3)
    assert "duration" not in samples.ffprobe(path)["format"]
    found = media.probe(path, content_type="audio/webm")
    assert found.declared_ms is None
    assert found.duration_ms == pytest.approx(3000, abs=50)


def test_a_clip_shows_its_picture(clip):
    found = media.probe(clip, content_type="video/webm")
    assert (found.video_codec, found.width, found.height, found.rotation) == ("vp8", 320, 240, 0)


def test_an_answer_by_voice_has_no_picture_whatever_the_file_holds(clip):
    found = media.probe(clip, content_type="video/webm", wants_video=False)
    assert (found.video_codec, found.width) == ("", None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"0",
        b"just some text, renamed",
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(100),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\x00\x00\x00\x18ftypheic" + bytes(100),
        b"\x1a\x45\xdf\xa3" + bytes(1000),
        b"OggS" + b"\xff" * 1000,
        b"\x00\x00\x00\x18ftypisom" + b"\xff" * 1000,
        b"\xff\xfb" + bytes(range(256)),
    ],
)
def test_what_is_no_media_is_refused_whatever_it_is_called(tmp_path, data):
    path = tmp_path / "recording.webm"
    path.write_bytes(data)
    claims = {b"OggS": "audio/ogg", b"\xff\xfb": "audio/mpeg", b"\x00\x00\x00\x18": "audio/mp4"}
    claim = next((kind for magic, kind in claims.items() if data.startswith(magic)), "audio/webm")
    assert code_of(path, claim) == "invalid_media"


def test_archives_and_pictures_are_refused(tmp_path):
    assert code_of(samples.archive(tmp_path)) == "invalid_media"
    assert code_of(samples.png(tmp_path), "video/mp4") == "invalid_media"


def test_a_renamed_file_is_refused(speech):
    assert code_of(speech, "audio/webm") == "invalid_media"


def test_a_video_without_sound_has_no_audio_track(tmp_path):
    path = samples.video(tmp_path, "mute.webm", audio=False)
    assert code_of(path, "video/webm") == "no_audio_track"


def test_a_codec_off_the_list_is_refused(tmp_path):
    path = samples.tone(tmp_path, "ac3.webm", codec=("-c:a", "ac3", "-f", "matroska"))
    assert code_of(path, "audio/webm") == "invalid_media"


def test_silence_is_taken(tmp_path):
    found = media.probe(samples.silence(tmp_path), content_type="audio/wav")
    assert found.duration_ms == 2000


@pytest.mark.parametrize("name", ["long.wav", "long.webm"])
def test_what_is_too_long_is_refused(tmp_path, settings, name):
    settings.MAX_MEDIA_S = 1
    kind = "audio/wav" if name.endswith("wav") else "audio/webm"
    assert code_of(samples.tone(tmp_path, name, seconds=1.5), kind) == "media_too_long"
    assert code_of(samples.tone(tmp_path, name, seconds=4), kind) == "media_too_long"


def test_a_cut_file_is_measured_and_not_trusted(tmp_path, speech):
    cut = samples.truncated(speech, 0.7)
    found = media.probe(cut, content_type="audio/wav")
    whole = media.probe(speech, content_type="audio/wav")
    assert found.duration_ms == pytest.approx(0.7 * whole.duration_ms, rel=0.02)


def test_a_file_cut_to_a_stump_is_refused(tmp_path):
    path = samples.tone(tmp_path, "whole.webm", seconds=8)
    assert code_of(samples.truncated(path, 0.2)) == "invalid_media"
    mp4 = samples.tone(tmp_path, "whole.m4a", seconds=8)
    assert code_of(samples.truncated(mp4, 0.8), "audio/mp4") == "invalid_media"


def test_a_missing_file_is_missing(tmp_path):
    assert code_of(tmp_path / "nothing") == "media_missing"


@pytest.mark.parametrize(("degrees", "expected"), [(90, 90), (-90, -90), (180, 180)])
def test_a_phones_rotation_is_found(tmp_path, degrees, expected):
    found = media.probe(samples.rotated(tmp_path, degrees), content_type="video/mp4")
    assert abs(found.rotation) == abs(expected)
    assert (found.width, found.height) == (320, 240)


def test_the_name_of_a_file_is_no_instruction(tmp_path, speech):
    path = tmp_path / "concat:$(touch x);|..%d.wav"
    path.write_bytes(speech.read_bytes())
    assert media.probe(path, content_type="audio/wav").container == "wav"
