"""The live coach over its web socket: what is let in, what is answered, what is kept."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("fastapi")

import warnings

from starlette.exceptions import StarletteDeprecationWarning
from starlette.websockets import WebSocketDisconnect

with warnings.catch_warnings():  # it would rather have httpx2
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

from hipdrive.diary import Diary
from hipdrive.diary.example import fill_example
from hipdrive.errors import HipdriveError
from hipdrive.video import read_clip
from hipdrive.web import live_socket
from hipdrive.web.app import make_app
from hipdrive.web.live_socket import MOST_AT_ONCE, MOST_PICTURE_BYTES, MOST_SIDE_PX, read_picture
from hipdrive.web.settings import WebSettings

EXAMPLES = Path(__file__).parent.parent / "examples"


def message(image: np.ndarray, clock_ms: float, kind: str = ".jpg") -> bytes:
    return struct.pack(">d", clock_ms) + cv2.imencode(kind, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()


class TestPictures:
    IMAGE = np.full((120, 160, 3), (200, 100, 50), np.uint8)

    @pytest.mark.parametrize("kind", [".jpg", ".webp"])
    def test_come_with_their_time(self, kind):
        clock_ms, picture = read_picture(message(self.IMAGE, 1234.5, kind))
        assert clock_ms == 1234.5
        assert picture.shape == (120, 160, 3)
        assert np.abs(picture[60, 80].astype(int) - (200, 100, 50)).max() < 8

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            (b"", "kB at most"),
            (bytes(8), "kB at most"),
            (bytes(MOST_PICTURE_BYTES + 1), "kB at most"),
            (bytes(100), "JPEG or WebP"),
            (message(IMAGE, 0.0, ".png"), "JPEG or WebP"),
            (message(IMAGE, float("nan")), "the time"),
            (message(IMAGE, float("inf")), "the time"),
            (message(IMAGE[:32, :32], 0.0), "pixels a side"),
            (message(np.zeros((64, MOST_SIDE_PX + 1, 3), np.uint8), 0.0), "pixels a side"),
            (message(IMAGE, 0.0)[:200], "broken|JPEG or WebP"),
        ],
    )
    def test_that_are_none(self, wrong, words):
        with pytest.raises(HipdriveError, match=words):
            read_picture(wrong)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live")
    with Diary.open(str(folder / "diary.sqlite3")) as diary:
        fill_example(diary, date.today())
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    settings = WebSettings(folder=folder / "app", database=str(folder / "diary.sqlite3"))
    with TestClient(make_app(settings), base_url="http://127.0.0.1:8765") as client:
        yield client


@contextmanager
def socket_of(client: TestClient, **headers: str) -> Iterator[Any]:
    with client.websocket_connect("ws://127.0.0.1:8765/live", headers=headers) as socket:
        yield socket


class TestDoor:
    def test_closed_to_pages_of_others(self, client):
        with pytest.raises(WebSocketDisconnect), socket_of(client, origin="http://evil.example"):
            pass

    def test_refuses_calmly_when_all_places_are_taken(self, client):
        for _ in range(MOST_AT_ONCE):
            assert live_socket.places.acquire(blocking=False)
        try:
            with socket_of(client) as socket:
                told = socket.receive_json()
                assert told["kind"] == "refused"
                assert "try again" in told["say"]
        finally:
            for _ in range(MOST_AT_ONCE):
                live_socket.places.release()

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", '{"do": 3}', '{"do": "dance"}', '{"do": "keep"}', '{"do": "finish"}', "x" * 5000],
    )
    def test_what_is_not_understood_ends_it_in_a_sentence(self, client, text):
        with socket_of(client) as socket:
            socket.send_text(text)
            assert socket.receive_json()["kind"] == "refused"
            with pytest.raises(WebSocketDisconnect):
                socket.receive_json()

    def test_gives_its_place_back(self, client):
        for _ in range(2 * MOST_AT_ONCE):
            with socket_of(client) as socket:
                socket.send_text("{")
                assert "not understood" in socket.receive_json()["say"]

    def test_too_much_ends_it(self, client, monkeypatch):
        monkeypatch.setattr(live_socket, "MOST_MESSAGES_A_SECOND", 5)
        with socket_of(client) as socket:
            for _ in range(7):
                socket.send_bytes(b"much")
            assert "more than can be looked at" in socket.receive_json()["say"]


def begin(socket: Any, movement: str | None = "glute_bridge") -> None:
    socket.send_json({"do": "begin", "movement": movement})
    told = socket.receive_json()
    assert told["kind"] == "ready", told


@pytest.mark.usefixtures("weights")
class TestSet:
    def test_no_such_movement(self, client):
        with socket_of(client) as socket:
            socket.send_json({"do": "begin", "movement": "flying"})
            assert "choose from" in socket.receive_json()["say"]

    def test_a_broken_picture_ends_it_in_a_sentence(self, client):
        with socket_of(client) as socket:
            begin(socket)
            socket.send_bytes(bytes(100))
            assert "JPEG or WebP" in socket.receive_json()["say"]

    def test_nobody_in_view(self, client):
        with socket_of(client) as socket:
            begin(socket)
            for number in range(20):
                socket.send_bytes(message(np.full((240, 320, 3), 120, np.uint8), 1000.0 + 100 * number))
                told = socket.receive_json()
            assert told["points"] is None
            assert told["hint"]["code"] == "nobody"
            socket.send_json({"do": "finish"})
            assert socket.receive_json()["kind"] == "nothing"
            begin(socket)  # and once more from the beginning

    def test_the_newest_picture_wins(self, client):
        """Whoever sends without waiting gets fewer answers than pictures, the last one among them."""
        frame = next(iter(read_clip(EXAMPLES / "bridge.mp4"))).image
        with socket_of(client) as socket:
            begin(socket)
            for number in range(30):
                socket.send_bytes(message(frame, 40.0 * number))
            clocks = []
            while not clocks or clocks[-1] < 40.0 * 29:
                clocks.append(socket.receive_json()["clock_ms"])
            assert clocks == sorted(clocks)
            assert len(clocks) < 30

    @pytest.mark.slow
    def test_a_set_from_beginning_to_the_diary(self, client, folder):
        seen: list[dict[str, Any]] = []
        with socket_of(client) as socket:
            begin(socket)
            for frame in read_clip(EXAMPLES / "bridge.mp4"):
                if frame.index % 2 == 0:
                    socket.send_bytes(message(cv2.resize(frame.image, (640, 360)), 1000 * frame.time_s))
                    seen.append(socket.receive_json())
            counts = [told["count"] for told in seen]
            assert counts == sorted(counts)
            assert all(len(told["points"]) == 3 * 33 for told in seen)
            assert not any(told["hint"] for told in seen)
            assert _kept(folder) == 0, "nothing is kept without a word"
            socket.send_json({"do": "finish"})
            summary = socket.receive_json()
            assert summary["kind"] == "summary"
            assert summary["count"] == 4
            assert summary["movement"] == "glute_bridge"
            socket.send_json({"do": "keep", "rpe": 99})
            refused = socket.receive_json()
            assert refused["kind"] == "not_kept" and _kept(folder) == 0, "and the set is not lost for it"
            socket.send_json({"do": "keep", "rpe": 7, "pain": 0})
            kept = socket.receive_json()
            assert "4 repetitions" in kept["say"]
            result = client.get(f"/api/v1/jobs/{kept['result']}/files/analysis.json").json()
            assert len(result["repetitions"]) == 4
            assert client.get(f"/api/v1/jobs/{kept['result']}").json()["state"] == "done"
            socket.send_json({"do": "keep"})
            assert socket.receive_json()["kind"] == "refused", "once only"
        assert _kept(folder) == 1
        with Diary.open(str(folder / "diary.sqlite3")) as diary:
            assert diary.athlete().history().sessions[-1].rpe == 7


def _kept(folder: Path) -> int:
    """Analyses of live sets in the diary."""
    with Diary.open(str(folder / "diary.sqlite3")) as diary:
        return sum(seen.name.startswith("live") for seen in diary.athlete().history().seen)
