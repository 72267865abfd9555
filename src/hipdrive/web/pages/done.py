"""What was done today: as planned, unless something was different."""

from __future__ import annotations

from asyncio import to_thread

from nicegui import ui

from hipdrive.diary.entries import enter_session, what_follows
from hipdrive.numbers import counted
from hipdrive.training.done import MOST_AMOUNT, Did, day_words, planned_for
from hipdrive.training.doses import table_dose
from hipdrive.training.history import History
from hipdrive.training.ladder import ladder
from hipdrive.training.programme import PlannedSession, plan
from hipdrive.web.pages.frame import (
    button,
    frame,
    group,
    link_button,
    local_day,
    mine,
    number_field,
    of_ten,
    said_plainly,
    text_field,
    whole,
    words,
    yes_or_no,
)


@ui.page("/done")
async def done_page() -> None:
    """Ask how the session went."""
    athlete = mine()
    history = await to_thread(athlete.history)
    today = local_day(history.profile)
    planned = await to_thread(planned_for, history, today)
    with frame("I did it", "/", facts=day_words(today)):
        if planned is None:
            stopped = plan(history, today).stopped
            words("p", stopped or "Nothing is planned for the rest of this week.").classes("card calm")
            link_button("Back to today", "/")
            return
        content = ui.element("div")
        with content:
            _form(history, planned, content)


def _form(history: History, planned: PlannedSession, content: ui.element) -> None:
    today = local_day(history.profile)
    kept = {entry.exercise for session in history.sessions if session.day == today for entry in session.exercises}
    asked = [entry for entry in planned.exercises if entry.exercise not in kept]
    words("p", "As planned? Then only the last questions are left. Whatever you leave open stays open.")
    amounts = {}
    with group("How much in your weakest set?", "0: left out."):
        for entry in asked:
            hint = f"planned: {table_dose(entry.dose)}"
            amounts[entry.exercise] = number_field(
                ladder()[entry.exercise].name, entry.dose.most, hint, most=MOST_AMOUNT
            )
    effort = of_ten("How hard was it?", "10 is all you had, 7 left three in reserve.")
    clean = yes_or_no("Did every repetition look as described?")
    pain = of_ten("The worst pain in it?", "0 is none, 10 the worst you can think of.")
    where = text_field("Where did it hurt?", hint="such as left hip")
    whole(where).bind_visibility_from(pain, "value", backward=bool)
    note = text_field("In your own words", hint="if you like")

    def keep() -> None:
        did, left_out = {}, set(kept)
        for entry in asked:
            amount = amounts[entry.exercise].value
            if amount is None or not 0 <= amount <= MOST_AMOUNT:
                amounts[entry.exercise].error = f"A number from 0 to {MOST_AMOUNT}, please."
                return
            amounts[entry.exercise].error = None
            if amount == 0:
                left_out.add(entry.exercise)
            elif amount != entry.dose.most:
                did[entry.exercise] = Did(entry.dose.sets, float(amount))
        with said_plainly():
            athlete = mine()
            session = enter_session(
                athlete,
                planned,
                today,
                did=did,
                left_out=left_out,
                clean=clean.value,
                rpe=effort.value,
                pain=pain.value,
                where=where.value if pain.value else "",
                note=note.value,
            )
            said = what_follows(athlete, today)
            content.clear()
            with content, ui.element("div").classes("card said").props("role=status"):
                words("p", f"{counted(len(session.exercises), 'exercise')} in the diary. Well done.").classes("big")
                for sentence in said:
                    words("p", sentence)
            with content, ui.element("div").classes("row-of"):
                link_button("Back to today", "/", main=True)

    with ui.element("div").classes("row-of"):
        button("Keep it", keep).classes("main")
        link_button("Not now", "/")
