"""The renditions, seen by Debian's ffprobe and ffmpeg: what people and machines get instead."""

import math
import subprocess

import av
import numpy as np
import pytest

from recordings import media
from tests.media import samples

pytestmark = pytest.mark.slow


@pytest.fixture
def normalised(tmp_path):
    def make(path, content_type, size=None, expected_ms=2000, folder="out"):
        out = tmp_path / folder
        out.mkdir()
        return media.normalise(
            path, out, content_type=content_type, expected_ms=expected_ms, size=size
        )

    return make


def pixel(path, x, y):
    """One picture's pixel as Debian's ffmpeg shows it, turned as a player would."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", "-f", "rawvideo",
         "-vf", f"crop=2:2:{x}:{y}", "-pix_fmt", "rgb24", "-"],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    return tuple(done.stdout[:3])


def is_red(rgb):
    return rgb[0] > 150 and rgb[2] < 100


def test_speech_becomes_small_mono_opus_and_plays_as_aac(speech, normalised):
    made = normalised(speech, "audio/wav", expected_ms=8900)
    heard = samples.ffprobe(made.speech)
    assert heard["streams"][0]["codec_name"] == "opus"
    assert heard["streams"][0]["channels"] == 1
    assert int(heard["format"]["size"]) < speech.stat().st_size / 5
    played = samples.ffprobe(made.playback)
    assert [s["codec_name"] for s in played["streams"]] == ["aac"]
    for found in (heard, played):
        assert float(found["format"]["duration"]) * 1000 == pytest.approx(made.duration_ms, abs=30)
    assert len(made.peaks) == 400
    assert 10 < max(made.peaks) <= 100
    assert made.poster is None
    assert 0 < made.silent_share < 0.6


def test_a_tone_is_measured_right(tmp_path, normalised):
    path = samples.tone(tmp_path, volume=0.5)
    made = normalised(path, "audio/wav")
    assert made.peak_dbfs == pytest.approx(20 * math.log10(0.5), abs=0.2)
    assert made.loudness_dbfs == pytest.approx(20 * math.log10(0.5 / math.sqrt(2)), abs=0.2)
    assert (made.clipped_share, made.silent_share) == (0, 0)
    assert set(made.peaks) == {50}


def test_clipping_is_found_also_in_one_of_two_channels(tmp_path, normalised):
    path = tmp_path / "clipped.wav"
    graph = "sine=440:d=2,volume=80,pan=stereo|c0=c0|c1=0*c0"
    samples.ffmpeg("-f", "lavfi", "-i", graph, path)
    made = normalised(path, "audio/wav")
    assert made.clipped_share > 0.5
    assert samples.ffprobe(made.playback)["streams"][0]["channels"] == 2


def test_silence_is_flagged_with_its_reason(tmp_path, normalised):
    made = normalised(samples.silence(tmp_path), "audio/wav")
    assert made.silent_share == 1
    assert (made.loudness_dbfs, made.peak_dbfs) == (None, None)
    assert made.reasons == {"loudness_dbfs": "digital silence", "peak_dbfs": "digital silence"}


def test_a_video_plays_everywhere_with_its_index_in_front(clip, normalised):
    made = normalised(clip, "video/webm", size=(320, 240))
    streams = samples.ffprobe(made.playback)["streams"]
    assert sorted(s["codec_name"] for s in streams) == ["aac", "h264"]
    data = made.playback.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert is_red(pixel(made.playback, 160, 40))
    assert not is_red(pixel(made.playback, 160, 200))
    assert made.poster.read_bytes().startswith(b"\xff\xd8\xff")
    assert made.poster.stat().st_size <= 15 * 1024


def test_a_large_picture_is_made_smaller(tmp_path, normalised):
    path = samples.video(tmp_path, "large.webm", size="1920x1080", seconds=1)
    made = normalised(path, "video/webm", size=(1920, 1080))
    (video,) = [s for s in samples.ffprobe(made.playback)["streams"] if s["codec_type"] == "video"]
    assert (video["width"], video["height"]) == (1280, 720)


@pytest.mark.parametrize("degrees", [90, -90, 180])
def test_a_phones_clip_stands_upright(tmp_path, normalised, degrees):
    path = samples.rotated(tmp_path, degrees)
    size = (320, 240) if degrees == 180 else (240, 320)
    made = normalised(path, "video/mp4", size=size)
    (video,) = [s for s in samples.ffprobe(made.playback)["streams"] if s["codec_type"] == "video"]
    assert (video["width"], video["height"]) == size
    assert "side_data_list" not in video
    # The second opinion: Debian's ffmpeg turns the original as players do.
    for x, y in ((20, 20), (size[0] - 24, 20), (20, size[1] - 24)):
        assert is_red(pixel(made.playback, x, y)) == is_red(pixel(path, x, y))


def test_nothing_of_the_originals_metadata_gets_through(tmp_path, normalised):
    path = samples.tone(
        tmp_path, "tagged.m4a", codec=("-metadata", "title=Secret", "-metadata", "location=+52+13")
    )
    assert b"Secret" in path.read_bytes()
    made = normalised(path, "audio/mp4")
    for file in (made.speech, made.playback):
        assert b"Secret" not in file.read_bytes()
        assert b"+52+13" not in file.read_bytes()


def test_a_gap_in_the_sound_keeps_its_length(tmp_path, normalised):
    path = tmp_path / "gap.webm"
    graph = "sine=440:d=4,aselect='not(between(t,1,3))'"
    samples.ffmpeg("-f", "lavfi", "-i", graph, "-fps_mode", "passthrough", "-c:a", "libopus", path)
    made = normalised(path, "audio/webm")
    assert made.duration_ms == pytest.approx(4000, abs=150)
    assert made.silent_share == pytest.approx(0.5, abs=0.06)


def test_the_same_file_gives_the_same_bytes_again(clip, normalised):
    made = [normalised(clip, "video/webm", (320, 240), folder=name) for name in ("one", "two")]
    for kind in ("speech", "playback", "poster"):
        assert len({getattr(m, kind).read_bytes() for m in made}) == 1, kind


def test_the_speech_can_be_decoded_to_what_was_said(speech, normalised):
    made = normalised(speech, "audio/wav", expected_ms=8900)
    with av.open(str(made.speech)) as file:
        power = np.concatenate([f.to_ndarray().ravel() for f in file.decode(audio=0)]).std()
    assert power > 0.01
