"""The command line, as a user meets it."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from hipdrive.cli import app

run = CliRunner().invoke


def test_help_teaches():
    for command in ([], ["--help"], ["analyse", "--help"], ["setup", "--help"], ["doctor", "--help"]):
        result = run(app, command)
        assert result.exit_code in (0, 2)
        assert "hipdrive" in result.output or "Usage" in result.output
    assert "hipdrive analyse bridge.mp4" in run(app, ["analyse", "--help"]).output


def test_movements_lists_every_cue_with_its_source():
    from hipdrive.movements import MOVEMENTS

    text = " ".join(run(app, ["movements"]).output.split())
    for movement in MOVEMENTS.values():
        assert movement.coach in text
        for cue in movement.cues:
            assert cue.id in text
            assert cue.band.source in text


def test_doctor_names_what_is_missing_and_the_cure(monkeypatch, tmp_path):
    monkeypatch.setenv("HIPDRIVE_MODELS", str(tmp_path))
    result = run(app, ["doctor"])
    assert result.exit_code == 1
    assert result.output.count("run 'hipdrive setup'") == 3
    (tmp_path / "heavy.tflite").write_bytes(b"something else")
    assert "is not the expected file" in run(app, ["doctor"]).output


@pytest.mark.usefixtures("weights")
def test_doctor_is_content():
    result = run(app, ["doctor"])
    assert result.exit_code == 0
    assert "Everything is there" in result.output


def test_without_weights_the_cure_is_named(monkeypatch, tmp_path, test_data):
    monkeypatch.setenv("HIPDRIVE_MODELS", str(tmp_path / "none"))
    result = run(app, ["analyse", str(test_data / "bridge" / "pexels_6525487.mp4"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "run 'hipdrive setup' once" in result.output


def test_a_wrong_movement_lists_the_right_ones(test_data):
    clip = str(test_data / "bridge" / "pexels_6525487.mp4")
    result = run(app, ["analyse", clip, "--movement", "handstand"])
    assert result.exit_code == 2
    assert "glute_bridge" in result.output


@pytest.mark.usefixtures("weights")
def test_a_clip_becomes_a_folder(test_data, tmp_path):
    from hipdrive.motion import read_landmarks
    from hipdrive.results import Analysis

    clip = test_data / "bridge" / "pexels_6525487.mp4"
    out = tmp_path / "out"
    result = run(app, ["analyse", str(clip), "-o", str(out), "--quality", "fast", "--height", "1.7"])
    assert result.exit_code == 0, result.output
    names = {"analysis.json", "repetitions.csv", "landmarks.parquet", "report.html", "overlay.mp4"}
    assert {path.name for path in out.iterdir()} == names
    analysis = Analysis.from_json((out / "analysis.json").read_bytes())
    assert analysis.provenance["settings"]["height_m"] == 1.7
    assert "1 repetition" in result.output
    rows = (out / "repetitions.csv").read_text().splitlines()
    assert len(rows) == 1 + sum(len(repetition.cues) for repetition in analysis.repetitions)
    assert read_landmarks(out / "landmarks.parquet").sizes["time"] == analysis.source.frames


@pytest.mark.usefixtures("weights")
def test_one_bad_file_does_not_stop_the_others(test_data, tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_text("this is no video")
    clip = test_data / "bridge" / "pexels_6525487.mp4"
    result = run(app, ["analyse", str(bad), str(clip), "-o", str(tmp_path / "out"), "--quality", "fast", "--no-video"])
    assert result.exit_code == 2
    assert "bad.mp4 is not a video" in result.output
    assert "1 of 2 clips could not be analysed" in result.output
    assert (tmp_path / "out" / "pexels_6525487.hipdrive" / "analysis.json").is_file()
    assert not (tmp_path / "out" / "bad.hipdrive").exists()


@pytest.mark.usefixtures("weights")
def test_json_on_standard_output_is_nothing_but_json(test_data, tmp_path):
    clip = test_data / "photos" / "Butt_Lift_Bridge_1.jpg"
    command = [
        sys.executable,
        "-m",
        "hipdrive",
        "analyse",
        str(clip),
        "-o",
        str(tmp_path),
        "--json",
        "-",
        "--quality",
        "fast",
    ]
    done = subprocess.run([*command, "--movement", "glute_bridge"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["movement"]["id"] == "glute_bridge"


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_table_fits_the_terminal(width):
    from rich.console import Console

    from hipdrive.movements import MOVEMENTS, judge_set
    from hipdrive.report.terminal import summary
    from hipdrive.results import Analysis, JudgedCue, JudgedRepetition, RecognisedMovement, SeenView, Source

    cues = {cue.id: JudgedCue(-12.34, cue.unit, 1.0, "check", None) for cue in MOVEMENTS["glute_bridge"].cues}
    repetition = JudgedRepetition(1, "both", None, 10.0, 11.0, 12.0, 13.0, True, cues)
    analysis = Analysis(
        Source("clip.mp4", "video", 14.0, 420, 30.0, 640, 360),
        RecognisedMovement("glute_bridge", "recognised", 1.0),
        SeenView("side", "left", 1.0),
        [repetition],
        set={name: judge_set([cue]) for name, cue in cues.items()},
    )
    console = Console(width=width, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(summary(analysis, width))
    text = capture.get()
    assert text.count("-12") == len(cues)
    assert max(len(line) for line in text.splitlines()) <= width


def test_heavy_things_load_late():
    """What the start of the command line must not import, so that --help answers at once."""
    probe = "import sys, hipdrive, hipdrive.cli; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "av", "cv2", "xarray", "plotly", "scipy", "pandas", "ai_edge_litert"} & set(modules)


def test_a_stumble_of_ours_is_one_sentence(monkeypatch, test_data, tmp_path):
    def stumble(*args, **settings):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("hipdrive.analysis.examine", stumble)
    clip = test_data / "bridge" / "pexels_6525487.mp4"
    result = run(app, ["analyse", str(clip), "-o", str(tmp_path)])
    assert result.exit_code == 2
    assert "ZeroDivisionError: oops" in result.output
    assert "Traceback" not in result.output


def test_a_lab_file_becomes_a_folder_that_can_be_exported(test_data, tmp_path):
    trial, out = test_data / "mocap" / "hamner_running" / "subject02_running.trc", tmp_path / "run.hipdrive"
    result = run(app, ["analyse", str(trial), "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert {"analysis.json", "strides.csv", "measures.csv", "landmarks.parquet", "report.html"} <= {
        path.name for path in out.iterdir()
    }
    assert not (out / "overlay.mp4").exists()
    for kind in ("trc", "mot", "c3d", "csv", "parquet"):
        written = tmp_path / f"again.{kind}"
        assert run(app, ["export", str(out), "--to", kind, "-o", str(written)]).exit_code == 0
        assert written.stat().st_size > 10_000
    again = run(app, ["analyse", str(tmp_path / "again.trc"), "-o", str(tmp_path / "again"), "--json", "-"])
    assert again.exit_code == 0, again.output


def test_export_of_nothing_names_the_cure(tmp_path):
    result = run(app, ["export", str(tmp_path / "none.hipdrive"), "--to", "trc"])
    assert result.exit_code == 2
    assert "analyse it" in result.output


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--together"], "name both files"),
        (["--height", "178"], "in metres"),
        (["--mass", "0.07"], "in kilograms"),
        (["--speed", "400"], "in km/h"),
        (["--movement", "handstand"], "glute_bridge, monster_walk, running"),
    ],
)
def test_wrong_options_are_said_before_the_work(options, word, tmp_path):
    result = run(app, ["analyse", str(tmp_path / "clip.mp4"), *options])
    assert result.exit_code == 2
    assert word in " ".join(result.output.split())


def test_landmarks_without_a_rate_ask_for_it(test_data, tmp_path):
    landmarks = test_data / "squat" / "oblique_pexels_4838220.blazepose_image.json"
    result = run(app, ["analyse", str(landmarks), "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "--rate" in result.output
    given = run(app, ["analyse", str(landmarks), "-o", str(tmp_path / "out"), "--rate", "5"])
    assert given.exit_code == 0, given.output
    assert "none of the movements" in " ".join(given.output.split())


def test_results_are_not_taken_for_landmarks(tmp_path):
    (tmp_path / "analysis.json").write_text('{"schema": "hipdrive.analysis/1"}')
    result = run(app, ["analyse", str(tmp_path / "analysis.json")])
    assert result.exit_code == 2
    assert "landmarks.parquet" in result.output
