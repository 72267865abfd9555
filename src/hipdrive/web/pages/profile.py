"""Who runs: questions about health first, then about the runner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from nicegui import ui

from hipdrive.diary import AthleteDiary
from hipdrive.errors import HipdriveError
from hipdrive.training.history import BANDS, WEEKDAYS, Profile, Screening
from hipdrive.training.ladder import EQUIPMENT
from hipdrive.training.pain import NOT_ADVICE, ask, screened, screening_questions, stop_reason
from hipdrive.training.profile import EXPERIENCES, QUESTIONS, Asked, changed
from hipdrive.web.pages.frame import (
    ACCOUNT,
    button,
    frame,
    group,
    link_button,
    local_day,
    mine,
    mine_if_begun,
    said_plainly,
    say,
    text_field,
    whole_diary,
    words,
    yes_or_no,
)

NOTHING: Final = "-"  # how the questions take no answer
MOST_PAIN: Final = 10.0  # of which all red flags are asked

# Questions that are answered by choosing: what can be chosen, and its words.
ONE_OF: Final[dict[str, dict[str, str]]] = {
    "sex": {"f": "Female", "m": "Male", NOTHING: "Leave it open"},
    "experience": {name: said[:1].upper() + said[1:] for name, said in EXPERIENCES.items()},
    "sessions_a_week": {"2": "2", "3": "3"},
}
SOME_OF: Final[dict[str, tuple[str, ...]]] = {
    "run_days": WEEKDAYS,
    "key_run_days": WEEKDAYS,
    "free_days": WEEKDAYS,
    "bands": BANDS,
    "equipment": EQUIPMENT[1:],
}
SOME_HINTS: Final[dict[str, str]] = {"free_days": "None chosen: any day will do."}


@ui.page("/profile")
def profile_page() -> None:
    """Ask who it is, health first where that was not answered yet."""
    athlete = mine_if_begun()
    new = athlete is None or not screened(athlete.history())
    with frame("Your profile" if not new else "About you", "/profile"):
        if new:
            _first_time(athlete)
            return
        assert athlete is not None
        content = ui.element("div")
        with content:
            _Form(athlete.profile(), "Keep it", _save)
        words("h2", "Your health")
        words("p", "When something has changed, answer the questions about your health again.")
        link_button("Health questions", "/health")
        if ui.context.client.request.app.state.settings.accounts:
            words("h2", "Signing in")
            words("p", "Your password, other browsers, and the programs that may read your diary.")
            link_button("Account", ACCOUNT)


@ui.page("/health")
def health_page() -> None:
    """Ask the questions about health again."""
    athlete = mine()
    with frame("Your health", "/profile"):
        content = ui.element("div")

        def keep(screening: Screening) -> None:
            mine().add_screening(screening)
            content.clear()
            with content:
                _say_stop(athlete)

        with content:
            _health(local_day(athlete.profile()), "Keep the answers", keep)


def _first_time(athlete: AthleteDiary | None) -> None:
    profile = Profile(name="", time_zone=_zone_here()) if athlete is None else athlete.profile()
    content = ui.element("div")

    def go_on(screening: Screening) -> None:
        content.clear()
        with content:
            words("h2", "You").props("tabindex=-1 data-step=you")
            words("p", "Step 2 of 2. Only the name is needed; the more you tell, the better the plan fits.")
            _Form(profile, "Keep it, and see the plan", lambda answers: begin(answers, screening))
        ui.run_javascript("document.querySelector('[data-step=you]').focus(); window.scrollTo(0, 0)")

    def begin(answers: dict[str, str], screening: Screening) -> None:
        after = changed(profile, answers)
        if athlete is None:
            with whole_diary().adding(after) as mine_now:
                mine_now.add_screening(screening)
        else:
            with athlete.together():
                athlete.save_profile(after)
                athlete.add_screening(screening)
        ui.navigate.to("/")

    with content:
        words("h2", "Your health")
        words("p", f"Step 1 of 2: some questions about your health. {NOT_ADVICE}")
        _health(local_day(profile), "Go on", go_on)


def _say_stop(athlete: AthleteDiary) -> None:
    reason = stop_reason(athlete.history(), local_day(athlete.profile()))
    with ui.element("div").classes("card calm" if reason else "card said").props("role=status"):
        words("p", reason or "Thank you. Nothing speaks against a plan.")
    with ui.element("div").classes("row-of"):
        link_button("Back to today", "/", main=True)


def _zone_here() -> str:
    from tzlocal import get_localzone_name

    return get_localzone_name() or "UTC"


# -- health ------------------------------------------------------------------------------------------------------------


def _health(day: date, go_on: str, then: Callable[[Screening], None]) -> None:
    """Ask what comes before the first plan; red flags only when something hurts."""
    answers: dict[str, ui.radio] = {}
    for question in screening_questions():
        answers[question.id] = yes_or_no(question.text)
    hurts = yes_or_no("Does anything hurt at the moment?")
    more: dict[str, ui.radio] = {}
    with ui.element("div") as flags:
        for question in ask(MOST_PAIN):
            more[question.id] = yes_or_no(question.text)
    flags.bind_visibility_from(hurts, "value", backward=bool)
    missing = words("p", "").classes("wrong").props("role=alert")

    def check() -> None:
        wanted = {**answers, "": hurts, **(more if hurts.value else {})}
        left = sum(radio.value is None for radio in wanted.values())
        if left:
            missing.text = (
                f"{left} of the questions {'is' if left == 1 else 'are'} still open: answer each with yes or no."
            )
            return
        missing.text = ""
        asked = {**answers, **(more if hurts.value else {})}
        with said_plainly():
            then(Screening(day, {name: bool(radio.value) for name, radio in asked.items()}))

    with ui.element("div").classes("row-of"):
        button(go_on, check).classes("main")


# -- the runner --------------------------------------------------------------------------------------------------------


class _Form:
    """The questions of the profile as fields; what is wrong is said at its field."""

    def __init__(self, profile: Profile, keep: str, then: Callable[[dict[str, str]], None]) -> None:
        self.profile = profile
        self.then = then
        self.answers: dict[str, Callable[[], str]] = {}
        self.fields: dict[str, ui.input] = {}
        with ui.element("div").classes("stack"):
            for asked in QUESTIONS:
                self._ask(asked)
        self.wrong = words("p", "").classes("wrong").props("role=alert")
        with ui.element("div").classes("row-of"):
            button(keep, self._keep).classes("main")

    def _ask(self, asked: Asked) -> None:
        value = getattr(self.profile, asked.field)
        if asked.field in ONE_OF:
            with group(asked.text):
                radio = ui.radio(ONE_OF[asked.field], value=self._typed(asked, value)).props("inline")
            self.answers[asked.field] = lambda: radio.value or NOTHING
        elif asked.field in SOME_OF:
            chosen = {word.strip() for word in asked.words(value).split(",")}
            with group(asked.text, SOME_HINTS.get(asked.field, "")), ui.element("div").classes("choices"):
                boxes = {name: ui.checkbox(name, value=name in chosen) for name in SOME_OF[asked.field]}
            self.answers[asked.field] = lambda: ", ".join(name for name, box in boxes.items() if box.value) or NOTHING
        else:
            field = text_field(asked.text, self._typed(asked, value), _hint(asked))
            self.fields[asked.field] = field
            self.answers[asked.field] = lambda: field.value

    @staticmethod
    def _typed(asked: Asked, value: Any) -> str:
        said = asked.words(value)
        return NOTHING if said == "–" and asked.field in ONE_OF else "" if said == "–" else said

    def _keep(self) -> None:
        answers = {name: answer() for name, answer in self.answers.items()}
        wrong = {}
        for asked in QUESTIONS:
            try:
                asked.read(answers[asked.field])
            except HipdriveError as error:
                wrong[asked.field] = str(error)
        for name, field in self.fields.items():
            field.error = wrong.get(name)
        labels = [asked.label for asked in QUESTIONS if asked.field in wrong]
        self.wrong.text = f"Nothing is kept yet. Please look again at: {'; '.join(labels)}." if wrong else ""
        if wrong:
            return
        with said_plainly():
            self.then(answers)


def _hint(asked: Asked) -> str:
    """How an answer looks, without how a command line takes none."""
    if asked.field == "name":
        return "needed; any name will do"
    hint = asked.hint.partition(", or -")[0]
    return f"such as {hint}" if hint[:1].isdigit() or "/" in hint else hint


def _save(answers: dict[str, str]) -> None:
    athlete = mine()
    athlete.save_profile(changed(athlete.profile(), answers))
    say("Kept. The plan knows it from now on.")
