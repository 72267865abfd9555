"""The first page: what is planned today, how the week goes, and the way to do it."""

from __future__ import annotations

from asyncio import to_thread

from nicegui import ui

from hipdrive.diary.entries import enter_settled
from hipdrive.report.training_pages import part, plan_shown
from hipdrive.report.training_words import day_from, session_facts, todays_session
from hipdrive.report.week import DONE, NOTHING, TO_COME, week_at_a_glance, week_so_far
from hipdrive.training.done import day_words
from hipdrive.training.history import History
from hipdrive.training.ladder import ladder
from hipdrive.training.pain import screened, unsettled_report
from hipdrive.training.programme import QUESTIONS_FIRST, PlannedSession, Programme, plan
from hipdrive.training.selftest import self_test
from hipdrive.web.pages.frame import (
    button,
    fragment,
    frame,
    is_there,
    link_button,
    local_day,
    mine,
    mine_if_begun,
    other_button,
    picture_address,
    words,
)


@ui.page("/")
async def today_page() -> None:
    """Show today."""
    athlete = mine_if_begun()
    history = None if athlete is None else await to_thread(athlete.history)
    if history is None or not screened(history):
        with frame("Welcome", "/"):
            _welcome()
        return
    today = local_day(history.profile)
    programme = await to_thread(plan, history, today)
    with frame("Today", "/", facts=day_words(today)):
        if programme.stopped:
            stopped(programme.stopped)
        _ask_how_it_settled(history, programme)
        session = _session(history, programme)
        _week(history, programme)
        if session is not None:
            _exercises(history, programme, session)


def stopped(reason: str) -> None:
    """Say calmly why nothing is planned."""
    words("h2", "The plan rests for now")
    with ui.element("div").classes("card calm"):
        words("p", reason)
    with ui.element("div").classes("row-of"):
        if reason == QUESTIONS_FIRST:
            link_button("To the questions", "/health", main=True)
        else:
            link_button("Pain, and what a professional said", "/pain")


def _welcome() -> None:
    words("p", "hipdrive looks at your glute bridges, monster walks and runs, and plans your strength work.").classes(
        "big"
    )
    words("p", "A few questions about your health come first, then some about you. It takes about three minutes.")
    with ui.element("div").classes("row-of"):
        link_button("Begin", "/profile", main=True).classes("main")
    words("p", "Everything stays on this machine.").classes("soft")


def _ask_how_it_settled(history: History, programme: Programme) -> None:
    report = unsettled_report(history, programme.made_for)
    if report is None:
        return
    with ui.element("section").classes("card said").props('aria-label="How pain settled"') as card:
        where = f" ({report.where})" if report.where else ""
        words("h2", "How did it settle?").style("margin-top: 0")
        words(
            "p",
            f"On {day_words(report.day)} it hurt, {report.score:g} of 10{where}. Was it as before the next morning?",
        )

        def answer(settled: bool) -> None:
            enter_settled(mine(), programme.made_for, settled)
            card.clear()
            with card:
                words("p", "Thank you. The plan knows it.").props("role=status")

        with ui.element("div").classes("row-of"):
            button("Yes, it was", lambda: answer(True))
            other_button("No, not yet", lambda: answer(False))


def _session(history: History, programme: Programme) -> PlannedSession | None:
    """Show what is next, and the buttons to do it; gives it."""
    today = programme.made_for
    done = next((one for one in history.sessions if one.day == today), None)
    session = todays_session(programme)
    if done is not None:
        with ui.element("section").classes("card said").props('aria-label="Done today"'):
            words("p", "Done for today. Well done.").classes("big")
    if session is None:
        session = next(iter(programme.sessions), None)
    if session is None:
        if not programme.stopped:
            words("p", "Nothing is planned in these weeks.").classes("card")
        return None
    is_today = session.day == today
    words("h2", "Your session" if is_today else f"Next: {day_from(session.day, today)}")
    words("p", " · ".join(session_facts(session))).classes("facts")
    words("p", session.why[:1].upper() + session.why[1:]).classes("soft")
    _first_test(session)
    with ui.element("div").classes("row-of"):
        if is_there("/film"):
            link_button("Film it", "/film", main=True).classes("main")
        link_button("I did it", "/done", main=not is_there("/film"))
    return session


def _exercises(history: History, programme: Programme, session: PlannedSession) -> None:
    words("h2", "The exercises")
    shown = plan_shown(programme, history, ladder(), picture_address)
    cards = {card.name: card for card in [*shown["cards"], *shown["others"]]}
    of_session = [cards[ladder()[one.exercise].name] for one in session.exercises if one.exercise in ladder()]
    fragment(part("exercises.html.j2", {"cards": of_session, "in_order": True}))


def _first_test(session: PlannedSession) -> None:
    if session.test is None:
        return
    with ui.element("p"):
        words("span", "First a self test: ")
        words("a", self_test(session.test).name).props(f"href=/test/{self_test(session.test).id}")


def _week(history: History, programme: Programme) -> None:
    words("h2", "This week")
    words("p", week_so_far(history, programme))
    marks = {DONE: "done", TO_COME: "to-come", NOTHING: "nothing"}
    with ui.element("ul").classes("days"):
        for day in week_at_a_glance(history, programme):
            with ui.element("li").classes(marks[day.mark]) as box:
                words("span", day.words).classes("unseen")
                with ui.element("span").props("aria-hidden=true"):
                    words("span", day.name)
                    words("span", day.mark).classes("mark")
                    words("span", day.run).classes("run")
            if day.is_today:
                box.classes("now").props("aria-current=date")
    words("p", f"{DONE} strength done · {TO_COME} planned").classes("note").props("aria-hidden=true")
    with ui.element("div").classes("row-of"):
        link_button("Something hurts", "/pain")
        link_button("The next weeks", "/plan")
