"""Files from the lab and from other pose models: what comes in, what goes out, and what is refused."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import xarray as xr

from hipdrive.errors import HipdriveError
from hipdrive.motion import find_view, new_motion, write_landmarks
from hipdrive.motion.angles3d import hip_angles_deg, pelvis_angles_deg
from hipdrive.motion.body import FROM_OPENSIM, opensim_point, seen_from, trial_from_motion
from hipdrive.motion.c3d import C3D_KEY, read_c3d, write_c3d
from hipdrive.motion.files import (
    EXPORT_KINDS,
    export_motion,
    find_static,
    is_motion_file,
    read_motion,
    read_table,
    read_trial,
    write_motion,
)
from hipdrive.motion.skeleton import forward_kinematics
from hipdrive.motion.trc import read_trc, write_trc
from hipdrive.motion.trial import Trial
from hipdrive.motion.view import view_by_picture
from hipdrive.pose import KEYPOINTS
from marked import marked_trial, walking_angles

# OpenSim's axes in those of labs: z up facing x; z up facing -y; y up facing -x
LABS = {
    "y up, facing x": np.eye(3),
    "z up, facing x": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "z up, facing -y": np.array([[0, 0, -1.0], [-1, 0, 0], [0, 1, 0]]),
    "y up, facing -z": np.array([[0, 0, 1.0], [0, 1, 0], [-1, 0, 0]]),
}
LEG = ("right_knee", "left_knee", "right_ankle", "left_ankle", "right_heel", "left_foot_index")


@pytest.fixture()
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty folder of a lab, and a user without settings."""
    monkeypatch.setattr(platformdirs, "user_config_path", lambda _: tmp_path / "no settings")
    return tmp_path


def written(trial: Trial, path: Path) -> Path:
    (write_c3d if path.suffix == ".c3d" else write_trc)(trial, path)
    return path


# --- Which way is up, and where are the joints


@pytest.mark.parametrize("axes", LABS.values(), ids=LABS.keys())
@pytest.mark.parametrize("suffix", [".trc", ".c3d"])
def test_any_axes_of_a_lab_give_the_same_body_and_come_back_on_export(lab: Path, axes: np.ndarray, suffix: str) -> None:
    angles = walking_angles()
    trial = marked_trial(angles, axes=axes)
    motion = read_motion(written(trial, lab / f"walk{suffix}"))
    truth = forward_kinematics(angles, 1.75)
    for name in LEG:
        np.testing.assert_allclose(opensim_point(motion, name), truth[name], atol=1e-6, err_msg=name)
    assert motion.attrs["kind"] == "mocap"
    back = trial_from_motion(motion)
    for name in trial.names:
        np.testing.assert_allclose(back[name], trial[name], atol=1e-6, err_msg=name)


def test_world_is_forward_down_left_and_its_picture_is_from_the_right(lab: Path) -> None:
    motion = read_motion(written(marked_trial(walking_angles()), lab / "walk.trc"))
    world = motion.world_position.median("time")
    assert world.sel(keypoint="left_foot_index", space="x") > world.sel(keypoint="left_heel", space="x")
    assert world.sel(keypoint="left_ankle", space="y") > world.sel(keypoint="left_knee", space="y")
    assert world.sel(keypoint="left_hip", space="z") > world.sel(keypoint="right_hip", space="z")
    apart_px = motion.image_position.sel(space="x", keypoint="left_knee") - motion.image_position.sel(
        space="x", keypoint="left_hip"
    )
    apart_m = motion.world_position.sel(space="x", keypoint="left_knee") - motion.world_position.sel(
        space="x", keypoint="left_hip"
    )
    np.testing.assert_allclose(apart_px, apart_m * 1000, atol=1e-6)
    seen = motion.image_position.values[..., :2]
    assert np.nanmin(seen) >= 0
    assert np.nanmax(seen[..., 0]) <= motion.attrs["width_px"]
    assert np.nanmax(seen[..., 1]) <= motion.attrs["height_px"]


def test_exchanged_sides_are_refused(lab: Path) -> None:
    trial = marked_trial(walking_angles())
    names = tuple(
        ("L" if name.startswith("R.") else "R") + name[1:] if name[1] == "." and name[0] in "LR" else name
        for name in trial.names
    )
    exchanged = Trial(names, trial.time_s, trial.position_m, trial.rate_hz)
    with pytest.raises(HipdriveError, match="mirrored, or names are exchanged"):
        read_motion(written(exchanged, lab / "walk.trc"))


def test_knees_and_ankles_are_learnt_from_the_standing_trial_beside_it(lab: Path) -> None:
    angles = walking_angles()
    written(marked_trial(walking_angles(20, swing=0.0)), lab / "walk_static.trc")
    written(marked_trial(walking_angles(20, swing=0.0)), lab / "other_static.trc")
    path = written(marked_trial(angles, pairs=False), lab / "walk.trc")
    assert find_static(path) == lab / "walk_static.trc"
    motion = read_motion(path)
    truth = forward_kinematics(angles, 1.75)
    for name in LEG:
        np.testing.assert_allclose(opensim_point(motion, name), truth[name], atol=1e-5, err_msg=name)
    assert "learnt from walk_static.trc" in motion.attrs["log"]


def test_without_a_standing_trial_knees_come_from_how_they_bend(lab: Path) -> None:
    angles = walking_angles()
    motion = read_motion(written(marked_trial(angles, pairs=False), lab / "walk.trc"))
    truth = forward_kinematics(angles, 1.75)
    for name in ("right_knee", "left_knee"):
        off_m = np.linalg.norm(opensim_point(motion, name) - truth[name], axis=-1)
        assert off_m.max() < 0.02, name  # the regression's hip, 1 cm off the skeleton's, decides where on the axis
    assert "SARA" in motion.attrs["log"]


def test_a_damaged_standing_trial_is_said_and_not_used_unless_it_was_asked_for(lab: Path) -> None:
    path = written(marked_trial(walking_angles(), pairs=False), lab / "walk.trc")
    (lab / "walk_static.trc").write_text("nothing")
    assert "was not used" in read_motion(path).attrs["log"]
    with pytest.raises(HipdriveError, match="walk_static"):
        read_motion(path, static=lab / "walk_static.trc")


def test_a_marker_that_is_gone_for_a_while_takes_only_what_hangs_on_it(lab: Path) -> None:
    trial = marked_trial(walking_angles())
    position_m = trial.position_m.copy()
    position_m[10:20, trial.names.index("R.Knee.Lat")] = np.nan
    position_m[30:40, trial.names.index("L.Heel")] = 0.0  # how some programs write missing
    motion = read_motion(written(Trial(trial.names, trial.time_s, position_m, trial.rate_hz), lab / "walk.trc"))
    missing = np.isnan(motion.world_position.values).any(-1)
    gone = {name: set(np.flatnonzero(missing[:, i])) for i, name in enumerate(motion.keypoint.values.tolist())}
    assert gone["right_knee"] == set(range(10, 20))
    assert gone["left_heel"] == set(range(30, 40))
    assert not gone["left_knee"] and not gone["right_ankle"]
    assert np.isnan(motion.confidence.sel(keypoint="right_knee").values[10:20]).all()


def test_angles_of_pelvis_and_hips_are_those_that_moved_the_body(lab: Path) -> None:
    angles = walking_angles()
    trial = marked_trial(angles, axes=LABS["z up, facing -y"])
    motion = read_motion(written(trial, lab / "walk.trc"))
    pelvis = pelvis_angles_deg(motion)
    np.testing.assert_allclose(pelvis.list_deg, angles["pelvis_list"], atol=1e-4)
    np.testing.assert_allclose(pelvis.rotation_deg, angles["pelvis_rotation"], atol=1e-4)
    np.testing.assert_allclose(pelvis.tilt_deg, 0, atol=1e-4)
    for side in ("right", "left"):
        hip = hip_angles_deg(seen_from(motion, "rear"), side)
        # the regression's hip lies 3 cm off the skeleton's, on a thigh of 43 cm
        assert np.abs(np.diff(hip.flexion_deg - angles[f"hip_flexion_{side[0]}"])).max() < 0.5
        assert np.abs(hip.flexion_deg - angles[f"hip_flexion_{side[0]}"]).max() < 5
        assert np.abs(hip.adduction_deg - angles[f"hip_adduction_{side[0]}"]).max() < 3


def test_a_lab_motion_is_seen_from_every_side(lab: Path) -> None:
    trial = marked_trial(walking_angles(), axes=LABS["z up, facing x"])
    motion = read_motion(written(trial, lab / "walk.trc"))
    for view in ("side", "rear", "front"):
        turned = seen_from(motion, view)
        found = find_view(turned)[1]
        assert (found.id, view_by_picture(turned).id) == (view, view)
        if view == "side":
            assert (found.near_side, view_by_picture(turned).near_side) == ("right", "right")
        np.testing.assert_allclose(trial_from_motion(turned)["L.Heel"], trial["L.Heel"], atol=1e-6)
    rear = seen_from(motion, "rear").image_position.sel(space="x").median("time")
    assert rear.sel(keypoint="right_hip") > rear.sel(keypoint="left_hip")
    xr.testing.assert_allclose(seen_from(seen_from(motion, "rear"), "side").world_position, motion.world_position)


def test_one_camera_cannot_be_moved(test_motion: xr.Dataset) -> None:
    with pytest.raises(HipdriveError, match="film that side as well"):
        seen_from(test_motion, "rear")


def test_a_user_names_markers_beside_the_trial_and_in_the_settings(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = marked_trial(walking_angles())
    names = tuple({"R.Heel": "M17", "L.Heel": "fersel", "R.ASIS": "Subject 1:RASI"}.get(n, n) for n in trial.names)
    path = written(Trial(names, trial.time_s, trial.position_m, trial.rate_hz), lab / "walk.trc")
    assert np.isnan(read_motion(path).world_position.sel(keypoint="right_heel")).all()
    (lab / "markers.toml").write_text('[body]\nright_heel = ["M17"]\n')
    settings = lab / "settings"
    settings.mkdir()
    (settings / "markers.toml").write_text('[body]\nheel = ["ferse{side}"]\n')
    monkeypatch.setattr(platformdirs, "user_config_path", lambda _: settings)
    motion = read_motion(path)
    np.testing.assert_allclose(opensim_point(motion, "right_heel"), trial["R.Heel"], atol=1e-6)
    np.testing.assert_allclose(opensim_point(motion, "left_heel"), trial["L.Heel"], atol=1e-6)
    np.testing.assert_allclose(opensim_point(motion, "right_asis"), trial["R.ASIS"], atol=1e-6)


@pytest.mark.parametrize("text", ["body = 3", "[body]\nheel = 'M17'", "[body"])
def test_a_table_of_markers_in_the_wrong_form_is_said(lab: Path, text: str) -> None:
    path = written(marked_trial(walking_angles(5)), lab / "walk.trc")
    (lab / "markers.toml").write_text(text)
    with pytest.raises(HipdriveError, match=r"markers\.toml"):
        read_motion(path)


# --- Out and in again


@pytest.fixture()
def test_motion() -> xr.Dataset:
    """A motion as from video, with a gap."""
    rng = np.random.default_rng(3)
    landmarks = rng.normal(size=(8, len(KEYPOINTS), 7)).astype(np.float32)
    landmarks[..., :3] = landmarks[..., :3] * 100 + 500
    landmarks[..., 6] = 0.9
    landmarks[2:4, 5] = np.nan
    time_s = 0.4 + np.cumsum(rng.uniform(0.03, 0.04, 8))
    return new_motion(time_s, landmarks, source="clip.mp4", width_px=640, height_px=480)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_keep_everything(tmp_path: Path, test_motion: xr.Dataset, kind: str) -> None:
    write_motion(test_motion, tmp_path / f"out.{kind}")
    xr.testing.assert_identical(read_motion(tmp_path / f"out.{kind}").astype(np.float32), test_motion)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_keep_a_lab_motion(lab: Path, kind: str) -> None:
    motion = seen_from(read_motion(written(marked_trial(walking_angles(9)), lab / "walk.trc")), "rear")
    write_motion(motion, lab / f"out.{kind}")
    xr.testing.assert_identical(read_motion(lab / f"out.{kind}"), motion)


def test_a_video_is_exported_from_the_middle_of_the_hips_with_y_up(tmp_path: Path, test_motion: xr.Dataset) -> None:
    write_motion(test_motion, tmp_path / "out.trc")
    trial = read_trc(tmp_path / "out.trc")
    assert trial.names == KEYPOINTS
    np.testing.assert_allclose(trial.time_s, test_motion.time, atol=1e-8)
    np.testing.assert_allclose(
        trial["left_knee"][:, 1], -test_motion.world_position.sel(keypoint="left_knee", space="y"), atol=1e-7
    )
    assert np.isnan(trial[KEYPOINTS[5]][2:4]).all()


def test_joint_angles_go_out_and_come_back(lab: Path) -> None:
    motion = read_motion(written(marked_trial(walking_angles()), lab / "walk.trc"))
    write_motion(motion, lab / "walk.mot")
    table = read_table(lab / "walk.mot")
    again = read_motion(lab / "walk.mot")
    write_motion(again, lab / "again.mot")
    once_more = read_table(lab / "again.mot")  # with arms, which the generic skeleton has
    assert len(table.labels) == 19
    for label in table.labels:
        np.testing.assert_allclose(once_more[label], table[label], atol=1e-6, err_msg=label)
    assert "Rajagopal" in (lab / "walk.mot").read_text()


def test_an_analysis_is_exported_beside_its_folder(tmp_path: Path, test_motion: xr.Dataset) -> None:
    folder = tmp_path / "run.hipdrive"
    folder.mkdir()
    write_landmarks(test_motion, folder / "landmarks.parquet")
    for kind in EXPORT_KINDS:
        assert export_motion(folder, kind) == tmp_path / f"run.{kind}"
        assert (tmp_path / f"run.{kind}").stat().st_size > 0
    with pytest.raises(HipdriveError, match="is there already"):
        export_motion(folder, "trc")
    assert export_motion(folder, "trc", tmp_path / "other" / "named.txt").name == "named.txt"


@pytest.mark.parametrize("given", ["nothing.hipdrive", "clip.mp4"])
def test_what_has_no_motion_is_not_exported(tmp_path: Path, given: str) -> None:
    (tmp_path / "nothing.hipdrive").mkdir()
    with pytest.raises(HipdriveError, match=r"no folder of an analysis|no motion in it"):
        export_motion(tmp_path / given, "trc")
    with pytest.raises(HipdriveError, match="choose trc"):
        export_motion(tmp_path / given, "bvh")


def test_c3d_says_up_and_keeps_when_it_began(tmp_path: Path) -> None:
    trial = marked_trial(walking_angles(30), axes=LABS["z up, facing x"], rate_hz=119.88, start_s=2.5)
    motion = read_motion(written(trial, tmp_path / "walk.c3d"))
    write_motion(motion, tmp_path / "out.c3d")
    back = read_c3d(tmp_path / "out.c3d")
    assert back.up == "+z"
    np.testing.assert_allclose(back.time_s, trial.time_s, atol=1e-5)


def test_another_reader_of_c3d_sees_the_same(tmp_path: Path) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    trial = marked_trial(walking_angles(30), axes=LABS["z up, facing x"])
    trial.position_m[3:7, 2] = np.nan
    content = ezc3d.c3d(str(written(trial, tmp_path / "walk.c3d")))
    ours = read_c3d(tmp_path / "walk.c3d")
    assert tuple(content["parameters"]["POINT"]["LABELS"]["value"]) == ours.names == trial.names
    np.testing.assert_allclose(content["data"]["points"][:3].T / 1000, ours.position_m, atol=1e-9)
    assert content["parameters"]["POINT"]["RATE"]["value"][0] == ours.rate_hz


def c3d_bytes(processor: int, *, floating: bool) -> bytes:
    """Two frames of one marker, as old computers wrote them: 1, 2, 3 m and then nothing."""
    order = ">" if processor == 86 else "<"

    def real(value: float) -> bytes:
        if processor != 85:
            return struct.pack(f"{order}f", value)
        data = struct.pack("<f", value * 4)  # of the VAX
        return data[2:] + data[:2]

    def parameter(name: str, kind: int, shape: bytes, data: bytes) -> bytes:
        body = struct.pack("bB", kind, len(shape)) + shape + data + b"\0"
        return struct.pack("bb", len(name), 1) + name.encode() + struct.pack(f"{order}H", len(body) + 2) + body

    group = struct.pack("bb", 5, -1) + b"POINT" + struct.pack(f"{order}HB", 3, 0)
    section = bytes([1, C3D_KEY, 1, processor]) + group
    section += parameter("UNITS", -1, b"\x02", b"cm") + parameter("LABELS", -1, b"\x04\x01", b"HEEL") + b"\0\0"
    header = bytes([2, C3D_KEY]) + struct.pack(f"{order}HHHHH", 1, 1, 11, 12, 10)
    header += real(-0.5 if floating else 0.5) + struct.pack(f"{order}HH", 3, 1) + real(50.0)
    numbers = [100, 200, 300, 0, 7, 0, 0, 0, -1, 7] if floating else [200, 400, 600, 0, 7, 0, 0, 0, -1, 7]
    data = b"".join(real(n) if floating else struct.pack(f"{order}h", n) for n in numbers)
    return header.ljust(512, b"\0") + section.ljust(512, b"\0") + data.ljust(512, b"\0")


@pytest.mark.parametrize("floating", [True, False], ids=["floats", "whole numbers"])
@pytest.mark.parametrize("processor", [84, 85, 86], ids=["Intel", "VAX", "MIPS"])
def test_c3d_of_every_processor(tmp_path: Path, processor: int, floating: bool) -> None:
    path = tmp_path / "old.c3d"
    path.write_bytes(c3d_bytes(processor, floating=floating))
    trial = read_c3d(path)
    assert (trial.names, trial.rate_hz) == (("HEEL",), 50.0)
    np.testing.assert_allclose(trial["HEEL"], [[1, 2, 3], [np.nan] * 3])
    np.testing.assert_allclose(trial.time_s, [0.2, 0.22])


def test_c3d_moves_uneven_times_to_its_even_clock(tmp_path: Path) -> None:
    time_s = np.array([0.0, 0.01, 0.025, 0.03, 0.04])
    trial = Trial(("a",), time_s, np.stack([time_s] * 3, -1)[:, None], 100.0)
    write_c3d(trial, tmp_path / "a.c3d")
    back = read_c3d(tmp_path / "a.c3d")
    np.testing.assert_allclose(back["a"][:, 0], back.time_s, atol=1e-7)


# --- Dialects and damage


def trc_text(**changed: str) -> str:
    parts = {
        "first": "PathFileType\t4\t(X/Y/Z)\tx.trc",
        "keys": "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        "values": "100\t100\t2\t2\tmm\t100\t1\t2",
        "names": "Frame#\tTime\tA b\t\t\tC.d\t\t",
        "axes": "\t\tX1\tY1\tZ1\tX2\tY2\tZ2",
        "data": "\n1\t0.00\t1\t2\t3\t4\t5\t6\n2\t0.01\t1.5\t\t\t4\t5\t6\n",
    } | changed
    return "\n".join(parts.values())


@pytest.mark.parametrize(
    "text",
    [
        trc_text(),
        trc_text().replace("\n", "\r\n"),
        trc_text().replace("\n", "\r"),
        trc_text(keys="DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits", values="100\t100\t2\t2\tmm"),
        trc_text(data="1\t0.00\t1\t2\t3\t4\t5\t6\n2\t0.01\t1.5\tnan\tNaN\t4\t5\t6"),
        trc_text(data="1\t0.00\t1\t2\t3\t4\t5\t6\t\t\n2\t0.01\t1.5\t\t\t4\t5\t6\t\t\n\n"),
        trc_text(data="1\t 0.00\t 1.0\t2e0\t3\t4\t5\t6\n2\t0.01\t1.5\t\t\t4\t5\t6\n"),
        "\ufeff" + trc_text(),
    ],
    ids=[
        "plain",
        "windows",
        "old mac",
        "short header",
        "nan",
        "trailing tabs",
        "spaces and exponents",
        "byte order mark",
    ],
)
def test_dialects_of_trc_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.trc"
    path.write_bytes(text.encode())
    trial = read_trc(path)
    assert trial.names == ("A b", "C.d")
    np.testing.assert_allclose(trial["C.d"], [[0.004, 0.005, 0.006]] * 2)
    np.testing.assert_allclose(trial["A b"][1], [0.0015, np.nan, np.nan])
    np.testing.assert_allclose(trial.time_s, [0, 0.01])
    assert trial.rate_hz == 100


def test_trc_between_spaces_and_in_metres(tmp_path: Path) -> None:
    path = tmp_path / "x.trc"
    text = trc_text(values="100\t100\t2\t2\tm\t100\t1\t2", data="1 0.00 1 2 3 4 5 6\n2 0.01 1 2 3 4 5 6\n")
    path.write_text(text.replace("A b", "A_b").replace("\t", " "))
    np.testing.assert_allclose(read_trc(path)["C.d"], [[4, 5, 6]] * 2)


def test_counts_that_disagree_are_said(tmp_path: Path) -> None:
    path = tmp_path / "x.trc"
    path.write_text(trc_text(values="100\t100\t20\t3\tmm\t100\t1\t20"))
    notes = " ".join(read_trc(path).notes)
    assert "promises 20 frames, the file has 2" in notes
    assert "promises 3 markers and names 2" in notes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("hello\n" * 9, "PathFileType"),
        (trc_text()[:150], "header of five lines"),
        (trc_text(data="1\t0.00\t1\t2\t3\t4\t5\t6\n2\t0.01\t1.5\t2"), "last row .* cut off"),
        (trc_text(data="1\t0.00\t1\t2\t3\t4\n2\t0.01\t1\t2\t3\t4\t5\t6"), "row 1 of data has 6 fields instead of 8"),
        (trc_text(data="1\t0.00\t1\t2\t3\t4\t5\tx6\n2\t0.01\t1\t2\t3\t4\t5\t6"), "row 1 of data has 'x6'"),
        (trc_text(data="1\t0.00\t1\t2\t3\t4\t5\t6\t7\n"), "more than the 8 fields"),
        (trc_text(data="1\t0.02\t1\t2\t3\t4\t5\t6\n2\t0.01\t1\t2\t3\t4\t5\t6"), "time does not rise"),
        (trc_text(data="1\tnan\t1\t2\t3\t4\t5\t6\n"), "has no time"),
        (trc_text(data="1\t0\t1\t2\t3\t4\t5\tinf\n"), "infinite"),
        (trc_text(data=""), "no data"),
        (trc_text(keys="DataRate\tNumFrames", values="100\t2"), "no unit"),
        (trc_text(values="100\t100\t2\t2\tyards\t100\t1\t2"), "'yards'"),
        (trc_text(data="1\t0\t1e9\t2\t3\t4\t5\t6\n", values="1\t1\t1\t2\tm\t1\t1\t1"), "unit in its header is wrong"),
    ],
)
def test_damaged_trc_says_what_and_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "x.trc"
    path.write_text(text)
    with pytest.raises(HipdriveError, match=says):
        read_trc(path)


def test_markers_that_nobody_knows_ask_for_a_table(tmp_path: Path) -> None:
    path = tmp_path / "x.trc"
    path.write_text(trc_text())
    with pytest.raises(HipdriveError, match="markers do not tell"):
        read_motion(path)


def test_rounded_times_are_put_right(tmp_path: Path) -> None:
    rows = "".join(f"{i + 1}\t{i / 60:.3f}\t1\t2\t3\t4\t5\t6\n" for i in range(7))
    path = tmp_path / "x.trc"
    path.write_text(trc_text(values="60\t60\t7\t2\tmm\t60\t1\t7", data=rows))
    np.testing.assert_allclose(read_trc(path).time_s, np.arange(7) / 60, atol=1e-12)


@pytest.mark.parametrize("cut", [0.05, 0.5, 0.95])
def test_a_cut_off_c3d_is_refused(tmp_path: Path, cut: float) -> None:
    path = written(marked_trial(walking_angles(50)), tmp_path / "walk.c3d")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])
    with pytest.raises(HipdriveError, match=r"cut off|damaged|no C3D"):
        read_c3d(path)


def test_forces_are_no_motion(tmp_path: Path) -> None:
    path = tmp_path / "forces.mot"
    path.write_text(
        "forces\nversion=1\nnRows=2\nnColumns=3\ninDegrees=no\nendheader\ntime\tground_force_vy\tk\n0\t1\t2\n1\t2\t3\n"
    )
    assert read_table(path)["ground_force_vy"].tolist() == [1, 2]
    with pytest.raises(HipdriveError, match="forces but no joint angles"):
        read_motion(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no table\n", "endheader"),
        ("x\nendheader\n", "no data"),
        ("x\nendheader\nframe\ta\n1\t2\n", "'time'"),
        ("x\nendheader\ntime\ta\ta\n1\t2\t3\n", "different one"),
        ("x\nendheader\ntime\ta\n1\t2\n2\n", "cut off"),
    ],
)
def test_damaged_tables_say_what(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "x.mot"
    path.write_text(text)
    with pytest.raises(HipdriveError, match=says):
        read_table(path)


@pytest.mark.parametrize("knee_sign", [1, -1])
@pytest.mark.parametrize("unit", ["degrees", "radians"])
def test_either_sign_of_the_knee_and_either_unit(tmp_path: Path, knee_sign: int, unit: str) -> None:
    angles = walking_angles(20)
    factor = 1 if unit == "degrees" else np.pi / 180
    columns = {
        name: values
        * (1 if name.startswith("pelvis_t") and name != "pelvis_tilt" else factor)
        * (knee_sign if name.startswith("knee") else 1)
        for name, values in angles.items()
    }
    header = f"Coordinates\nversion=1\ninDegrees={'yes' if unit == 'degrees' else 'no'}\nendheader\n"
    rows = "\n".join(
        "\t".join([f"{i / 100}", *(repr(float(column[i])) for column in columns.values())]) for i in range(20)
    )
    (tmp_path / "walk.mot").write_text(header + "\t".join(["time", *columns]) + "\n" + rows)
    motion = read_motion(tmp_path / "walk.mot", height_m=1.75)
    truth = forward_kinematics(angles, 1.75)
    for name in ("left_ankle", "right_heel", "right_shoulder"):
        np.testing.assert_allclose(opensim_point(motion, name), truth[name], atol=1e-9)
    assert f"bent knee is {'positive' if knee_sign > 0 else 'negative'}" in motion.attrs["log"]


# --- Landmarks of other models


def coco_json(**changed: object) -> str:
    names = ["nose", *(f"{side}_{part}" for part in ("shoulder", "hip", "knee") for side in ("left", "right"))]
    frame = [[10.0 * i + 100, 20.0 * i + 50, 1.04] for i in range(len(names))]
    content = {"fps": 25, "width": 640, "height": 480, "keypoint_names": names, "frames": [frame, None, frame]}
    return json.dumps(content | changed)


def test_landmarks_with_a_header(tmp_path: Path) -> None:
    path = tmp_path / "pose.json"
    path.write_text(coco_json())
    motion = read_motion(path)
    assert (motion.attrs["kind"], motion.attrs["rate_hz"]) == ("landmarks", 25)
    assert (motion.attrs["width_px"], motion.attrs["height_px"]) == (640, 480)
    np.testing.assert_allclose(motion.time, [0, 0.04, 0.08])
    assert motion.keypoint.values.tolist() == list(KEYPOINTS)
    hip = motion.sel(keypoint="left_hip")
    np.testing.assert_allclose(hip.image_position.values[:, :2], [[130, 110], [np.nan, np.nan], [130, 110]])
    assert hip.confidence.values[0] == 1  # never more than certain
    assert np.isnan(motion.world_position).all()
    assert np.isnan(motion.image_position.sel(keypoint="left_heel")).all()


def test_landmarks_without_a_frame_rate_ask_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pose.json"
    path.write_text(coco_json(fps=None))
    with pytest.raises(HipdriveError, match="say how many frames a second"):
        read_motion(path)
    assert read_motion(path, rate_hz=50).attrs["rate_hz"] == 50


def test_shares_of_the_picture_need_its_size(tmp_path: Path) -> None:
    path = tmp_path / "pose.json"
    frame = [[0.5, 0.25, -0.1]] * 33
    path.write_text(json.dumps({"fps": 30, "frames": [frame, frame]}))
    with pytest.raises(HipdriveError, match="size"):
        read_motion(path)
    motion = read_motion(path, size_px=(640, 480))
    np.testing.assert_allclose(motion.image_position.sel(keypoint="nose").values, [[320, 120, -64]] * 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_wide_tables(tmp_path: Path, delimiter: str) -> None:
    columns = [
        "time_ms",
        "LHip_x",
        "LHip_y",
        "LHip_score",
        "r_big_toe x",
        "r_big_toe y",
        "left_shoulder_x",
        "left_shoulder_y",
    ]
    rows = [["0", "10", "20", "0.5", "30", "", "50", "60"], ["40", "11", "21", "0.5", "31", "41", "50", "60"]]
    path = tmp_path / "pose.csv"
    path.write_text("\n".join(delimiter.join(row) for row in [columns, *rows]))
    motion = read_motion(path)
    np.testing.assert_allclose(motion.time, [0, 0.04])
    np.testing.assert_allclose(motion.image_position.sel(keypoint="left_hip").values[:, :2], [[10, 20], [11, 21]])
    toe = motion.image_position.sel(keypoint="right_foot_index").values[:, :2]
    np.testing.assert_allclose(toe, [[np.nan, np.nan], [31, 41]])


def test_tidy_tables_by_frame_number(tmp_path: Path) -> None:
    path = tmp_path / "pose.csv"
    rows = [
        f"{frame},{name},{frame + i + 20},5" for frame in (0, 1, 3) for i, name in enumerate(("left_hip", "right_hip"))
    ]
    path.write_text("frame,bodypart,x,y\n" + "\n".join(rows))
    motion = read_motion(path, rate_hz=10)
    np.testing.assert_allclose(motion.time, [0, 0.1, 0.3])
    np.testing.assert_allclose(motion.image_position.sel(keypoint="right_hip", space="x"), [21, 22, 24])


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", "{", "not JSON"),
        ("a.json", "[]", "no list of frames"),
        ("a.json", "[[[1, 2]]]", "1 keypoints and does not name them"),
        ("a.json", coco_json(frames=[[[1, 2, 3]]]), "not like the others"),
        ("a.json", coco_json(frames=[None]), "no landmarks in any frame"),
        ("a.json", coco_json(timestamps=[0, 1]), "2 times for 3 frames"),
        ("a.json", coco_json(timestamps=[0, 0, 1]), "does not rise"),
        ("a.csv", "a,b\n1,2\n", "no landmarks"),
        ("a.csv", "time,left_hip_x,left_hip_y\n0,a,2\n", "something else in it"),
        ("a.csv", "keypoint,x,y\nleft_hip,1,2\n", "none that says when"),
        ("a.csv", "time,keypoint,x,y\n0,left_hip,1,2\n0,left_hip,1,3\n", "one athlete"),
        ("a.csv", "time,elbow_x,elbow_y\n0,1,2\n", "no shoulders and hips"),
        ("a.parquet", "PAR1 nothing PAR1", "damaged"),
    ],
)
def test_damaged_landmark_tables_say_what(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(HipdriveError, match=says):
        read_motion(path)


def test_what_is_a_motion_file() -> None:
    assert all(
        is_motion_file(f"trial{suffix}") for suffix in (".trc", ".C3D", ".mot", ".sto", ".csv", ".json", ".parquet")
    )
    assert not any(is_motion_file(name) for name in ("clip.mp4", "trc", "a.txt"))
    with pytest.raises(HipdriveError, match="no motion file"):
        read_motion("a.txt")
    with pytest.raises(HipdriveError, match="there is no file"):
        read_motion("not there.trc")


# --- Against what other people measured and computed


def stances_s(forces: str, table_path: Path, until_s: float) -> list[tuple[float, float]]:
    table = read_table(table_path)
    clock_s = np.arange(table.time_s[0], until_s, 0.001)
    loaded = np.interp(clock_s, table.time_s, table[forces]) > 30.0
    edges = np.flatnonzero(np.diff(np.r_[False, loaded, False].astype(int)))
    spans = [(clock_s[a], clock_s[b - 1]) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in spans if b - a > 0.15 and a > clock_s[0] and b < clock_s[-1]]


def mean_peak(values: np.ndarray, time_s: np.ndarray, spans: list[tuple[float, float]]) -> float:
    return float(np.mean([values[(time_s >= a) & (time_s <= b)].max() for a, b in spans]))


@pytest.mark.parametrize(
    ("side", "forces", "drop_deg", "adduction_deg", "extension_deg"),
    [("right", "ground_force_vy", 7.7, 14.6, 27.8), ("left", "1_ground_force_vy", 2.8, 10.2, 27.4)],
)
def test_hips_of_a_runner_against_the_published_answers(
    test_data: Path, side: str, forces: str, drop_deg: float, adduction_deg: float, extension_deg: float
) -> None:
    folder = test_data / "mocap/hamner_running"
    motion = read_motion(folder / "subject02_running.trc")
    time_s = motion.time.values
    stances = stances_s(forces, folder / "subject02_running_grf.mot", 9.95)
    assert len(stances) == 14
    pelvis, hip = pelvis_angles_deg(motion), hip_angles_deg(motion, side)
    swing_side_down = -pelvis.list_deg if side == "right" else pelvis.list_deg
    assert mean_peak(swing_side_down, time_s, stances) == pytest.approx(drop_deg, abs=0.5)
    assert mean_peak(hip.adduction_deg, time_s, stances) == pytest.approx(adduction_deg, abs=2)
    until_swing = [(a, b + 0.15) for a, b in stances]
    assert mean_peak(-hip.flexion_deg, time_s, until_swing) == pytest.approx(extension_deg, abs=5)


@pytest.mark.parametrize(
    ("trial", "coordinate", "bias_deg", "rms_deg", "r"),
    [
        ("hamner_running/subject02_running.trc", "pelvis_list", 1.0, 2.5, 0.80),
        ("hamner_running/subject02_running.trc", "pelvis_rotation", 2.0, 1.5, 0.80),
        ("hamner_running/subject02_running.trc", "pelvis_tilt", 6.0, 1.5, 0.85),
        ("hamner_running/subject02_running.trc", "hip_flexion_r", 1.0, 2.5, 0.99),
        ("hamner_running/subject02_running.trc", "hip_flexion_l", 1.0, 3.0, 0.99),
        ("hamner_running/subject02_running.trc", "hip_adduction_r", 2.5, 3.0, 0.90),
        ("hamner_running/subject02_running.trc", "hip_adduction_l", 1.0, 3.5, 0.90),
        ("gait10dof_walking/subject01_walk.trc", "hip_flexion_r", 6.0, 4.0, 0.98),
        ("gait10dof_walking/subject01_walk.trc", "hip_flexion_l", 6.0, 4.0, 0.98),
    ],
)
def test_angles_against_inverse_kinematics_of_opensim(
    test_data: Path, trial: str, coordinate: str, bias_deg: float, rms_deg: float, r: float
) -> None:
    """The limits are what was measured, a little over; docs/lab-files.md has the numbers."""
    path = test_data / "mocap" / trial
    motion, table = read_motion(path), read_table(path.parent / "reference_ik.mot")
    if coordinate.startswith("pelvis"):
        ours = getattr(pelvis_angles_deg(motion), f"{coordinate.split('_')[1]}_deg")
    else:
        side = "right" if coordinate.endswith("r") else "left"
        ours = getattr(hip_angles_deg(motion, side), f"{coordinate.split('_')[1]}_deg")
    off = ours[: len(table.time_s)] - table[coordinate][: len(ours)]
    assert abs(off.mean()) < bias_deg
    assert off.std() < rms_deg
    assert np.corrcoef(ours[: len(table.time_s)], table[coordinate][: len(ours)])[0, 1] > r


def test_a_runner_without_a_standing_trial_has_nearly_the_same_joints(test_data: Path, tmp_path: Path) -> None:
    source = test_data / "mocap/hamner_running/subject02_running.trc"
    learnt = read_motion(source)
    alone = tmp_path / "subject02_running.trc"
    alone.write_bytes(source.read_bytes())
    functional = read_motion(alone)
    for joint in ("left_knee", "right_knee", "left_ankle", "right_ankle"):
        off_m = (opensim_point(functional, joint) - opensim_point(learnt, joint)).mean(0)
        assert np.linalg.norm(off_m) < 0.03, joint
        assert np.linalg.norm(off_m[:2]) < 0.02, joint  # in the plane of running


def test_joint_angles_of_squats_make_a_squatting_body(test_data: Path) -> None:
    motion = read_motion(test_data / "mocap/opencap_squats/squats.mot", height_m=1.80)
    hip_m = -motion.world_position.sel(keypoint="left_hip", space="y").values
    time_s = motion.time.values
    for bottom_s in (0.95, 2.46, 3.97, 5.56, 7.18):
        near = np.abs(time_s - bottom_s) < 0.4
        assert abs(time_s[near][hip_m[near].argmin()] - bottom_s) < 0.15
    thigh_m = np.linalg.norm(opensim_point(motion, "left_hip") - opensim_point(motion, "left_knee"), axis=-1)
    np.testing.assert_allclose(thigh_m, 0.245 * 1.80, atol=1e-9)


@pytest.mark.parametrize("name", ["subject02_running_grf.mot", "reference_cmc_force.sto"])
def test_force_files_of_a_lab_are_no_motion(test_data: Path, name: str) -> None:
    with pytest.raises(HipdriveError, match="no joint angles"):
        read_motion(test_data / "mocap/hamner_running" / name)


def test_landmarks_of_another_model_of_a_real_run(test_data: Path) -> None:
    motion = read_motion(test_data / "running/treadmill_side.rtmpose_halpe26.json")
    assert dict(motion.sizes)["time"] == 360
    assert motion.attrs["rate_hz"] == pytest.approx(30, abs=0.01)
    np.testing.assert_allclose(np.diff(motion.time), 1 / 30, atol=1e-9)
    view = find_view(motion)[1]
    assert (view.id, view.near_side) == ("side", "left")


def test_blazepose_arrays_find_their_world_beside_them(test_data: Path) -> None:
    folder = test_data / "squat"
    motion = read_motion(folder / "oblique_pexels_4838220.blazepose_image.json", rate_hz=5)
    world = json.loads((folder / "oblique_pexels_4838220.blazepose_world.json").read_text())
    np.testing.assert_allclose(motion.world_position, np.array(world))
    assert np.isfinite(motion.image_position).all()


@pytest.mark.slow
@pytest.mark.parametrize("trial", ["hamner_running/subject02_running.trc", "gait10dof_walking/subject01_walk.trc"])
def test_opensim_reads_what_hipdrive_writes(test_data: Path, tmp_path: Path, trial: str) -> None:
    opensim = pytest.importorskip("opensim", reason="the referee is not installed: pip install 'hipdrive[referee]'")
    opensim.Logger.setLevelString("error")
    source = read_trial(test_data / "mocap" / trial)
    position_m = source.position_m.copy()
    position_m[5:9, 3] = np.nan
    with_gap = Trial(source.names, source.time_s + 0.25, position_m, source.rate_hz)
    write_trc(with_gap, tmp_path / "out.trc")
    table = opensim.TimeSeriesTableVec3(str(tmp_path / "out.trc"))
    assert tuple(table.getColumnLabels()) == source.names
    np.testing.assert_allclose(table.getIndependentColumn(), with_gap.time_s, atol=1e-9)
    flat = table.flatten()  # kept, because its matrix lives only as long as it does
    np.testing.assert_allclose(flat.getMatrix().to_numpy(), position_m.reshape(len(position_m), -1) * 1000, atol=1e-4)
    motion = read_motion(test_data / "mocap" / trial)
    write_motion(motion, tmp_path / "out.mot")
    storage = opensim.Storage(str(tmp_path / "out.mot"))
    ours = read_table(tmp_path / "out.mot")
    assert storage.isInDegrees()
    assert storage.getSize() == len(ours.time_s)
    labels = storage.getColumnLabels()
    assert [labels.get(i) for i in range(labels.getSize())] == ["time", *ours.labels]
    last = storage.getLastStateVector().getData()
    np.testing.assert_allclose([last.get(i) for i in range(last.getSize())], ours.values[-1], atol=1e-9)


def test_axes_of_hipdrive_and_opensim_are_half_a_turn_apart() -> None:
    assert np.linalg.det(FROM_OPENSIM) == 1
    np.testing.assert_array_equal(FROM_OPENSIM @ [0, 1, 0], [0, -1, 0])
