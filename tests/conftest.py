"""What several test files share: where the clips with truth lie, and whether the pose networks are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diary_databases import diary_url, nobodys_diary, postgres  # noqa: F401 - fixtures
from hipdrive.pose.weights import are_ready

ROOT = Path(__file__).parent.parent
pytest.register_assert_rewrite("browsers")  # which says what a page has complained of


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Folder of the clips with truth, which are not part of the repository."""
    folder = Path(os.environ.get("HIPDRIVE_TEST_DATA", ROOT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip("no test clips here: name their folder in HIPDRIVE_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def weights() -> None:
    """Skip where the pose networks are not installed."""
    if not are_ready():
        pytest.skip("the weights of the pose networks are not on this machine: run 'hipdrive setup' once")
