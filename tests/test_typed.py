"""Words that reach pages of the app name no commands; the terminal adds them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import typer

from hipdrive.cli import app
from hipdrive.report.typed import TYPED, in_terminal
from hipdrive.training.history import History, PainReport, Profile
from hipdrive.training.pain import stop_reason
from hipdrive.training.programme import plan

SOURCE = Path(__file__).parent.parent / "src" / "hipdrive"
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
ASKED_FOR = rf"\bhipdrive ({'|'.join(one for one in COMMANDS if one != 'runs')}|runs (add|import|list))\b"
TYPED_WORDS = re.compile(rf"{ASKED_FOR}|(^|[ '(])--[a-z]")
# rooms whose sentences are shown on pages of the app
SHOWN = (
    "training", "movements", "motion", "live.py", "caveats.py", "analysis.py", "diary/entries.py", "web/pages",
    "web/worker.py", "web/jobs.py", "web/uploads.py", "web/kinds.py", "web/filmed.py", "web/live_socket.py",
    "web/who.py",
    "report/training_words.py", "report/training_pages.py", "report/measures.py", "report/html.py", "exchange/runs.py",
    "exchange/activity.py",
)  # fmt: skip
ONLY_TYPED = ("--together", "curl --")  # options of what only the command line does, or a program that asks the API


def sentences(path: Path) -> Iterator[str]:
    """Texts in a file of Python, without its docstrings."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def shown_files() -> Iterator[Path]:
    for name in SHOWN:
        path = SOURCE / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def test_words_on_pages_name_no_commands() -> None:
    assert {"pain", "plan", "test", "me"} <= set(COMMANDS)
    assert TYPED_WORDS.search("enter the day: hipdrive pain --cleared DAY") and TYPED_WORDS.search("give --height 1.78")
    assert not TYPED_WORDS.search("hipdrive looks at it")
    found = {
        (str(path.relative_to(SOURCE)), text)
        for path in shown_files()
        for text in sentences(path)
        if TYPED_WORDS.search(text) and not any(option in text for option in ONLY_TYPED)
    }
    assert found == set()


def test_templates_name_no_commands() -> None:
    templates = [*(SOURCE / "web").rglob("*.j2")]
    assert len(templates) >= 3
    for path in templates:
        text = re.sub(r"<style>.*?</style>", "", path.read_text(), flags=re.DOTALL)
        if path.name.endswith(".html.j2"):
            assert not re.search(ASKED_FOR, text), path.name


@pytest.mark.parametrize("phrase", TYPED)
def test_the_terminal_adds_what_to_type(phrase: str) -> None:
    assert in_terminal(f"Now {phrase}.") == f"Now {phrase} ({TYPED[phrase]})."
    assert in_terminal(f"{phrase.capitalize()}.") == f"{phrase.capitalize()} ({TYPED[phrase]})."
    if TYPED[phrase].startswith("hipdrive "):
        assert TYPED[phrase].split()[1] in COMMANDS


def test_what_the_terminal_looks_for_is_said_somewhere() -> None:
    texts = " ".join(text for path in SOURCE.rglob("*.py") if path.name != "typed.py" for text in sentences(path))
    assert [phrase for phrase in TYPED if phrase not in texts.lower()] == []


def test_why_the_plan_rests_is_said_without_a_command_and_typed_in_the_terminal() -> None:
    hurt = History(Profile("Ada"), pains=(PainReport(date(2026, 11, 20), 4, flags=("limp",)),))
    reason = stop_reason(hurt, date(2026, 11, 24)) or ""
    assert "enter the day" in reason and "hipdrive" not in reason
    assert "enter the day (hipdrive pain --cleared DAY)" in in_terminal(reason)
    new = plan(History(Profile("Ada")), date(2026, 11, 24)).stopped or ""
    assert "hipdrive" not in new and "(hipdrive screen)" in in_terminal(new)
