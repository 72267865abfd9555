"""What all pages share: who is asking, navigation, colours, and the few elements that they are built of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from nicegui import Client, app, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from hipdrive.diary import AthleteDiary, Diary
from hipdrive.errors import HipdriveError
from hipdrive.report.page import page_environment
from hipdrive.report.training_pages import shared_colours
from hipdrive.report.training_words import NOT_ADVICE
from hipdrive.report.words import COLOURS as COLOURS_OF_VERDICTS
from hipdrive.training.history import Profile
from hipdrive.training.ladder import PICTURES
from hipdrive.web import who
from hipdrive.web.accounts import account_name
from hipdrive.web.security import csrf_token

PICTURES_AT: Final = "/pictures"
COLOURS: Final = "hipdrive_colours"  # cookie
COLOURS_S: Final = 365 * 86_400  # for which it is kept
SEEN_S: Final = 8000  # ms for which something is said that needs no answer
ACCOUNT: Final = "/account"
LOGOUT: Final = "/logout"
BUTTON: Final = "no-caps unelevated text-color=on-accent"
OTHER_BUTTON: Final = "no-caps outline color=primary"


@dataclass(frozen=True)
class Place:
    """An entry of the navigation."""

    path: str
    name: str
    icon: str


PLACES: Final = (
    Place("/", "Today", "today"),
    Place("/film", "Film", "videocam"),
    Place("/learn", "Learn", "school"),
    Place("/plan", "Plan", "event_note"),
    Place("/diary", "Diary", "menu_book"),
    Place("/progress", "Progress", "trending_up"),
    Place("/profile", "Profile", "person"),
    Place("/data", "Data", "folder"),
)

# What a click on the switch of colours leads to, what it is called, its icon, and what Quasar is told.
SCHEMES: Final[dict[str, tuple[str, str, bool | None]]] = {
    "system": ("Colours: as the system", "brightness_auto", None),
    "dark": ("Colours: dark", "dark_mode", True),
    "light": ("Colours: light", "light_mode", False),
}

app.add_static_files(PICTURES_AT, PICTURES)


def is_there(path: str) -> bool:
    """Whether there is a page at an address."""
    return path in Client.page_routes.values()


@contextmanager
def frame(title: str, current: str, *, facts: str = "") -> Iterator[None]:
    """Everything round the content of a page, which is put in within.

    Parameters
    ----------
    title : str
        The heading.
    current : str
        Address of the entry of the navigation that it belongs to.
    facts : str
        A line below the heading.
    """
    ui.page_title(f"{title} · hipdrive")
    ui.add_head_html(f"<style>{_style()}</style>")
    content = ui.element("div").classes("content").props("tabindex=-1")
    with ui.header(add_scroll_padding=False):
        _link("Skip to the content", f"#{content.html_id}").classes("skip")
        words("div", "hipdrive").classes("name")
        _navigation(current)
    with content:
        with ui.element("header"):
            words("h1", title).classes("title")
            if facts:
                words("p", facts).classes("facts soft")
            _switch()
        yield
        words("p", f"{NOT_ADVICE} Pain that stays, or that comes at night, or numbness: see a professional.").classes(
            "foot"
        )
        _sign_out()


@cache
def _style() -> str:
    environment = page_environment(Path(__file__).parent)
    return environment.get_template("app.css.j2").render(**shared_colours(), verdict_colours=COLOURS_OF_VERDICTS)


def _navigation(current: str) -> None:
    with ui.element("nav").props('aria-label="Pages"'), ui.element("ul"):
        for place in PLACES:
            if not is_there(place.path):
                continue
            with ui.element("li"), ui.element("a").props(f"href={place.path}") as link:
                ui.icon(place.icon)
                words("span", place.name)
            if place.path == current:
                link.props("aria-current=page")


def _sign_out() -> None:
    """At the end of every page where one signs in: who it is, the way to the account, and the way out."""
    request = ui.context.client.request
    if not request.app.state.settings.accounts:
        return
    token = csrf_token(request.app.state.secret, who.session_token(request) or "")
    with ui.element("div").classes("row-of"):
        words("span", f"Signed in as {account_name(mine())}").classes("soft")
        link_button("Account", ACCOUNT)
        with ui.element("form").props(f"method=post action={LOGOUT}"):
            ui.element("input").props(f"type=hidden name=csrf value={token}")
            ui.button("Sign out", color=None).props(f"{OTHER_BUTTON} type=submit")


def _switch() -> None:
    """Let somebody choose the colours; the browser remembers it, so that the next page comes in them."""
    request = ui.context.client.request
    chosen = request.cookies.get(COLOURS, "system")
    names = list(SCHEMES)
    chosen = chosen if chosen in SCHEMES else names[0]
    dark = ui.dark_mode(SCHEMES[chosen][2])

    def turn() -> None:
        nonlocal chosen
        chosen = names[(names.index(chosen) + 1) % len(names)]
        dark.value = SCHEMES[chosen][2]
        show()
        ui.run_javascript(f"document.cookie = '{COLOURS}={chosen}; path=/; max-age={COLOURS_S}; SameSite=Strict'")

    def show() -> None:
        name, icon, _ = SCHEMES[chosen]
        button.props(f'icon={icon} aria-label="{name}" title="{name}"')

    with ui.element("div").classes("colours"):
        button = ui.button(on_click=turn, color=None).props("no-caps flat")
    show()


# -- who is asking ---------------------------------------------------------------------------------------------------


def mine() -> AthleteDiary:
    """Diary of whoever looks at the page; raises where that is nobody."""
    return who.athlete_of(ui.context.client.request)


def mine_if_begun() -> AthleteDiary | None:
    """Diary of whoever looks at the page; None while it is empty."""
    try:
        return mine()
    except who.NobodyYet:
        return None


def whole_diary() -> Diary:
    """The diary of everybody, for those who begin it."""
    diary: Diary = ui.context.client.request.app.state.diary
    return diary


def local_day(profile: Profile) -> date:
    """The day it is where the runner lives."""
    return datetime.now(ZoneInfo(profile.time_zone)).date()


def picture_address(path: Path) -> str:
    """Where the app serves a picture of the ladder."""
    return f"{PICTURES_AT}/{path.name}"


# -- elements --------------------------------------------------------------------------------------------------------


def words(tag: str, text: str) -> TextElement:
    """Text within any tag, escaped."""
    return TextElement(tag=tag, text=text)


def fragment(html: str) -> ui.html:
    """Part of a page that a template of ours has escaped; nothing else may be given to it."""
    return ui.html(html, sanitize=False)


def button(text: str, do: Callable[..., Any]) -> ui.button:
    """The button that a page is about."""
    return ui.button(text, on_click=do).props(BUTTON)


def other_button(text: str, do: Callable[..., Any]) -> ui.button:
    """Any other button."""
    return ui.button(text, on_click=do, color=None).props(OTHER_BUTTON)


def link_button(text: str, path: str, *, main: bool = False) -> ui.button:
    """Link that looks like a button."""
    made = ui.button(text, color="primary" if main else None)
    return made.props(f"{BUTTON if main else OTHER_BUTTON} href={path}")


def _link(text: str, to: str) -> Element:
    return words("a", text).props(f"href={to}")


@contextmanager
def group(question: str, hint: str = "") -> Iterator[None]:
    """Several fields that answer one question."""
    with ui.element("fieldset"):
        words("legend", question)
        if hint:
            words("p", hint).classes("hint")
        yield


def yes_or_no(question: str, value: bool | None = None) -> ui.radio:
    """A question with two answers, of which neither is chosen beforehand."""
    with group(question):
        return ui.radio({True: "Yes", False: "No"}, value=value).props("inline")


def of_ten(question: str, hint: str) -> ui.toggle:
    """A question that is answered with 0 to 10; nothing is chosen beforehand."""
    with group(question, hint), ui.element("div").classes("scale"):
        return ui.toggle(list(range(11))).props("no-caps unelevated toggle-color=primary toggle-text-color=on-accent")


def text_field(label: str, value: str = "", hint: str = "", kind: str = "text") -> ui.input:
    """A line of text; `kind` is that of the browser, such as a date or a time."""
    with _labelled(label, hint) as name:
        return ui.input(value=value).props(f"outlined dense for={name} type={kind}")


def number_field(
    label: str, value: float | None = None, hint: str = "", *, least: float = 0, most: float | None = None
) -> ui.number:
    """A number."""
    with _labelled(label, hint) as name:
        made = ui.number(value=value, min=least, max=most)
        return made.props(f"outlined dense for={name} inputmode=decimal")


def whole(field: Element) -> Element:
    """A field together with its label."""
    assert field.parent_slot is not None  # it was made within its label
    return field.parent_slot.parent


def to_copy(label: str, text: str) -> None:
    """Text that is to be copied, with a button for it."""
    text_field(label, text).props("readonly")

    def copy() -> None:
        ui.clipboard.write(text)
        say("Copied.")

    with ui.element("div").classes("row-of"):
        other_button("Copy", copy).props(f'aria-label="Copy: {label}"')


@contextmanager
def _labelled(label: str, hint: str) -> Iterator[str]:
    """A label above the field that is made within; gives the name that ties them together."""
    with ui.element("div").classes("field") as box:
        name = f"field-{box.id}"
        words("label", label).props(f"for={name}")
        if hint:
            words("p", hint).classes("hint")
        yield name


@contextmanager
def said_plainly() -> Iterator[None]:
    """Whatever hipdrive complains about within is said in one sentence."""
    try:
        yield
    except HipdriveError as error:
        say(str(error))


def say(text: str) -> None:
    """Say something that needs no answer."""
    ui.notify(f"{text[:1].upper()}{text[1:]}", position="top", timeout=SEEN_S, close_button="OK")
