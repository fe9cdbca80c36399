"""Sample media, made when a test needs it: speech by flite, everything else by Debian's ffmpeg."""

import json
import subprocess
import zipfile

import av  # tests write what the child must read

VP8 = ("-c:v", "libvpx", "-b:v", "200k", "-deadline", "realtime", "-cpu-used", "8")
TEXT = (
    "Last year our build broke every night. I looked at the logs, found the slow test, and wrote "
    "a smaller one. After that the build took four minutes."
)


def ffmpeg(*arguments):
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)], check=True, timeout=120
    )


def ffprobe(path):
    """What Debian's ffprobe, the independent second opinion, says of a file."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return json.loads(done.stdout)


def speech_wav(folder, text=TEXT):
    path = folder / "speech.wav"
    subprocess.run(["flite", "-t", text, "-o", str(path)], check=True, timeout=60)
    return path


def tone(folder, name="tone.wav", *, seconds=2, volume=0.5, rate_hz=48000, channels=1, codec=()):
    path = folder / name
    source = f"sine=frequency=440:sample_rate={rate_hz}:duration={seconds},volume={volume}*8"
    ffmpeg("-f", "lavfi", "-i", source, "-ac", channels, *codec, path)
    return path


def silence(folder, name="silence.wav", *, seconds=2):
    path = folder / name
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", seconds, path)
    return path


def video(folder, name="video.webm", *, seconds=2, size="320x240", codec=None, audio=True):
    """A picture whose upper half is red and whose lower half is blue, with a tone."""
    path = folder / name
    width, height = map(int, size.split("x"))
    half = f"{width}x{height // 2}"
    graph = f"color=red:s={half}:r=15[a];color=blue:s={half}:r=15[b];[a][b]vstack[v]"
    sound = ("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}") if audio else ()
    if codec is None:
        codec = VP8 if name.endswith("webm") else ("-c:v", "libx264")
    mapped = ("-map", "0:a") if audio else ()
    ffmpeg(
        *sound, "-filter_complex", graph, "-map", "[v]", *mapped, "-t", seconds, *codec,
        "-pix_fmt", "yuv420p", path,
    )  # fmt: skip
    return path


def live_webm(folder, *, seconds=3):
    """A webm as MediaRecorder writes it: no duration, no cues, clusters as they come."""
    path = folder / "live.webm"
    source = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    ffmpeg("-f", "lavfi", "-i", source, "-c:a", "libopus", "-live", "1", "-f", "webm", path)
    return path


def rotated(folder, degrees):
    """A phone's clip: it lies on its side and carries a matrix that says how to turn it."""
    path = folder / f"rotated{degrees}.mp4"
    with av.open(str(video(folder, "flat.mp4"))) as flat, av.open(str(path), "w") as turned:
        copies = {s: turned.add_stream_from_template(s) for s in flat.streams}
        copies[flat.streams.video[0]].set_display_rotation(degrees)
        for packet in flat.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream]
                turned.mux(packet)
    return path


def png(folder, name="picture.png"):
    path = folder / name
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", "-f", "image2", path)
    return path


def archive(folder, name="archive.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "no media")
    return path


def truncated(path, share):
    """The same file cut off after `share` of its bytes."""
    cut = path.with_name(f"cut-{path.name}")
    cut.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return cut
