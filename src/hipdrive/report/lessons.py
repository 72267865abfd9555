"""The lessons as a page: the coach's words, films of doing it right and of each fault, and what is known of it.

One HTML file that opens from the disk and asks nothing of any other machine; the films are within.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hipdrive.movements import MOVEMENTS
from hipdrive.movements.cue import Cue, range_text
from hipdrive.movements.measure import Measure
from hipdrive.report.anatomy import SHOWN, anatomy_shown, model_is_there, model_json, still_data, still_path
from hipdrive.report.muscles import space_script
from hipdrive.report.page import csp_hash, embeddable, page_environment
from hipdrive.report.training_words import NOT_ADVICE
from hipdrive.report.words import COLOURS
from hipdrive.training.lessons import STRENGTHS, Lesson, Strength, claims, film_path, lessons, looked_at

TEMPLATE: Final = "lessons.html.j2"
OVERVIEW: Final = "lessons_overview.html.j2"
ONE: Final = "lessons_one.html.j2"
ANATOMY: Final = "lessons_anatomy.html.j2"
STYLE: Final = "lessons.css"
SCRIPT: Final = "lessons.js"
ANATOMY_SCRIPT: Final = "anatomy.js"
LEARN_AT: Final = "/learn"
ANATOMY_AT: Final = f"{LEARN_AT}/anatomy"
ABOUT: Final = "The coach’s words, how it looks when it is right, how each fault looks, and what is known of it."

# A mark beside every word, for those who read quickly.
STRENGTH_MARKS: Final[dict[Strength, str]] = {
    "supported": "✓",
    "partly": "~",
    "not shown": "–",
    "a coach's choice": "“",
}
STRENGTH_COLOURS: Final[dict[Strength, str]] = {
    "supported": COLOURS["good"],
    "partly": "#3f6f93",
    "not shown": COLOURS["check"],
    "a coach's choice": COLOURS["not_judged"],
}
# Films of doing it right, by movement, and what is to be seen in them.
RIGHT: Final = {
    "glute_bridge": {
        "right": "From the side",
        "right-feet": "From the feet",
        "right-single": "On one leg, when that has become easy",
    },
    "monster_walk": {"right": "From the front", "right-oblique": "Obliquely"},
    "running": {"right": "From the side, slowed down", "right-behind": "From behind, slowed down"},
}


@dataclass(frozen=True)
class Film:
    """A film and what is said below it."""

    name: str
    says: str


@dataclass(frozen=True)
class Card:
    """A cue or a measure as the page shows it.

    Attributes
    ----------
    item : Cue or Measure
    lesson : Lesson
    films : list of Film
        Done right and not; empty where there are none.
    good, usual : str
        Ranges in words.
    """

    item: Cue | Measure
    lesson: Lesson
    films: list[Film]
    good: str
    usual: str


@dataclass(frozen=True)
class Chapter:
    """A movement as the page shows it."""

    id: str
    name: str
    coach: str
    films: list[Film]
    cards: list[Card]

    @property
    def address(self) -> str:
        """Where the app has its lesson."""
        return lesson_address(self.id)


def lesson_address(movement_id: str, cue_id: str = "") -> str:
    """Where the app has the lesson of a movement, and in it that of a cue or measure.

    Examples
    --------
    >>> lesson_address("glute_bridge")
    '/learn/glute-bridge'
    >>> lesson_address("glute_bridge", "toes_lifted")
    '/learn/glute-bridge#glute_bridge-toes_lifted'
    """
    anchor = f"#{movement_id}-{cue_id}" if cue_id else ""
    return f"{LEARN_AT}/{movement_id.replace('_', '-')}{anchor}"


# -- the page that is written ----------------------------------------------------------------------------------


def write_lessons_page(path: Path, *, model: bool | None = None) -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    model : bool, optional
        Whether the muscles can be turned in space; by default where bones and muscles are installed.
    """
    path.write_text(lessons_page(model=model), encoding="utf-8", newline="\n")


def lessons_page(*, model: bool | None = None) -> str:
    """Text of the page."""
    model = model_is_there() if model is None else model
    script = "".join(f"(() => {{\n{text}}})();\n" for text in (lessons_script(), anatomy_script()))
    shown = chapters()
    return _rendered(
        TEMPLATE,
        chapters=shown,
        films_at="",
        model_at="",
        stills={name: still_data(group) for name, group in _stills()},
        about=ABOUT,
        films=embedded(film_names(shown)),
        model=model_json() if model else "",
        script=script,
        script_name=csp_hash(script),
        not_advice=NOT_ADVICE,
        **anatomy_shown(),
    )


# -- parts of pages of the app ---------------------------------------------------------------------------------


def overview_body(films_at: str, stills_at: str) -> str:
    """Every lesson with a picture; films and still pictures are served below addresses."""
    return _rendered(
        OVERVIEW, chapters=chapters(), films_at=films_at, anatomy_at=ANATOMY_AT, stills=served_stills(stills_at)
    )


def lesson_body(movement_id: str, films_at: str) -> str:
    """The lesson of a movement."""
    (chapter,) = [one for one in chapters() if one.id == movement_id]
    return _rendered(ONE, chapter=chapter, films_at=films_at, learn_at=LEARN_AT)


def anatomy_body(model_at: str, stills_at: str) -> str:
    """The lesson about the muscles; `model_at` is empty where there is no model in space."""
    return _rendered(ANATOMY, model_at=model_at, stills=served_stills(stills_at), learn_at=LEARN_AT, **anatomy_shown())


def lessons_script() -> str:
    """Script that plays the films."""
    return embeddable((Path(__file__).parent / SCRIPT).read_text(encoding="utf-8"))


def anatomy_script() -> str:
    """Script of the lesson about the muscles."""
    return space_script() + embeddable((Path(__file__).parent / ANATOMY_SCRIPT).read_text(encoding="utf-8"))


def lessons_style() -> str:
    """Style of the lessons, beside that of all pages."""
    return (Path(__file__).parent / STYLE).read_text(encoding="utf-8")


def served_stills(stills_at: str) -> dict[str, str]:
    """Addresses of the still pictures of the muscles, by muscle."""
    return {name: f"{stills_at}/{still_path(group).name}" for name, group in _stills()}


def _stills() -> list[tuple[str, str | None]]:
    return [("all", None), *((group, group) for group in SHOWN)]


def _rendered(template: str, **shown: Any) -> str:
    common = {
        "claims": claims(),
        "strengths": STRENGTHS,
        "marks": STRENGTH_MARKS,
        "strength_colours": STRENGTH_COLOURS,
    }
    return page_environment().get_template(template).render(**common, **shown)


# -- what is shown ---------------------------------------------------------------------------------------------


def chapters() -> list[Chapter]:
    """Movements in order, each with its cues and measures."""
    known = lessons()
    return [
        Chapter(
            movement.id,
            movement.name,
            movement.coach,
            [Film(f"{movement.id}-{name}", says) for name, says in RIGHT[movement.id].items()],
            [_card(item, known[movement.id, item.id]) for item in looked_at(movement)],
        )
        for movement in MOVEMENTS.values()
    ]


def film_names(shown: Sequence[Chapter]) -> list[str]:
    """Every film that is shown, once."""
    names = [film.name for chapter in shown for film in chapter.films]
    names += [film.name for chapter in shown for card in chapter.cards for film in card.films]
    return list(dict.fromkeys(names))


def embedded(names: Sequence[str]) -> dict[str, str]:
    """Films as text, by name."""
    return {name: base64.b64encode(film_path(name).read_bytes()).decode() for name in names}


def _card(item: Cue | Measure, lesson: Lesson) -> Card:
    band = item.band
    films = []
    if lesson.film:
        fault = item.too_low if lesson.shows == "too_low" else item.too_high
        films = [Film(lesson.right, item.well_done), Film(lesson.film, fault)]
    return Card(item, lesson, films, *(f"{range_text(*limits)} {item.unit}" for limits in (band.good, band.acceptable)))
