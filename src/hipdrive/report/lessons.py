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
from hipdrive.muscles.results import GROUP_NAMES
from hipdrive.report.muscles import DOES, GLUTEAL
from hipdrive.report.page import csp_hash, embeddable, page_environment
from hipdrive.report.training_words import NOT_ADVICE
from hipdrive.report.words import COLOURS
from hipdrive.training.lessons import STRENGTHS, Lesson, Strength, claims, film_path, lessons, looked_at

TEMPLATE: Final = "lessons.html.j2"
BODY: Final = "lessons_body.html.j2"
STYLE: Final = "lessons.css"
SCRIPT: Final = "lessons.js"
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


def write_lessons_page(path: Path, anatomy: str = "") -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    anatomy : str
        Address of the page of the muscles as seen from this one; empty where there is none.
    """
    path.write_text(lessons_page(anatomy), encoding="utf-8", newline="\n")


def lessons_page(anatomy: str = "") -> str:
    """Text of the page."""
    script = lessons_script()
    shown = lessons_shown(anatomy=anatomy)
    return (
        page_environment()
        .get_template(TEMPLATE)
        .render(
            **shown,
            about=ABOUT,
            films=embedded(film_names(shown["chapters"])),
            script=script,
            script_name=csp_hash(script),
            not_advice=NOT_ADVICE,
        )
    )


def lessons_body(films_at: str, anatomy: str = "") -> str:
    """What the page holds, for another page that holds it: its films are served below an address."""
    return page_environment().get_template(BODY).render(lessons_shown(films_at, anatomy))


def lessons_script() -> str:
    """Script that plays the films."""
    return embeddable((Path(__file__).parent / SCRIPT).read_text(encoding="utf-8"))


def lessons_style() -> str:
    """Style of the lessons, beside that of all pages."""
    return (Path(__file__).parent / STYLE).read_text(encoding="utf-8")


def lessons_shown(films_at: str = "", anatomy: str = "") -> dict[str, Any]:
    """What the templates name."""
    return {
        "films_at": films_at,
        "anatomy": anatomy,
        "chapters": chapters(),
        "claims": claims(),
        "muscles": [(GROUP_NAMES[group].capitalize(), DOES[group]) for group in GLUTEAL],
        "strengths": STRENGTHS,
        "marks": STRENGTH_MARKS,
        "strength_colours": STRENGTH_COLOURS,
    }


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
