"""The lessons in the app: one page for each, cues that open, and muscles to turn, to press, and to read about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app_server import WITH_ACCOUNTS, served
from browsers import PHONE, WIDE, chromium_with, in_the_way, is_dark, open_page, page_of
from hipdrive.movements import MOVEMENTS
from hipdrive.report.anatomy import muscles, still_path
from hipdrive.report.lessons import ANATOMY_AT, LEARN_AT, lesson_address, write_lessons_page
from hipdrive.training.history import Profile
from hipdrive.training.lessons import film_path

pytest.importorskip("nicegui")
pytest.importorskip("playwright")

from hipdrive.web.accounts import add_account
from web_app import PAGE, browser, running, settings_in, sign_in

pytestmark = pytest.mark.slow

PAGES = (LEARN_AT, *(lesson_address(movement) for movement in MOVEMENTS), ANATOMY_AT)
DRAWS = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SAYS = "GPU stall"  # what Chromium says of its own when a test looks at a drawn picture
LONGEST_MS = 120_000  # to load bones and muscles, on a busy machine
MOST_PX = {LEARN_AT: 3500, ANATOMY_AT: 4000}  # of height on a phone; one page for everything was 42 000
MOST_PX_OF_LESSON = 5500
PASSWORD = "over hill and dale"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("learn")
    with served(folder, folder / "diary.sqlite3") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with chromium_with(*DRAWS) as browser:
        yield browser


def in_space(page: Any) -> None:
    """Open the muscles, and wait until they can be turned."""
    pytest.importorskip("mujoco")
    pytest.importorskip("myo_sim")
    open_page(page, ANATOMY_AT)
    page.wait_for_selector(".anatomy.in-space", timeout=LONGEST_MS)


def picture(page: Any) -> str:
    """What is drawn."""
    drawn: str = page.evaluate("document.querySelector('.anatomy canvas').toDataURL()")
    return drawn


def test_every_page_can_be_used_by_everybody(chromium, address) -> None:
    pytest.importorskip("axe_playwright_python")
    for size, colours in ((PHONE, "dark"), (WIDE, "light")):
        with page_of(chromium, address, size, colours, may_say=SAYS) as page:
            for path in PAGES:
                open_page(page, path)
                page.wait_for_selector(".lessons")
                if path == ANATOMY_AT:
                    page.get_by_role("button", name="Gluteus maximus").click()
                elif path != LEARN_AT:
                    page.locator(".cues summary").first.click()
                assert in_the_way(page) == [], path
                assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
                assert is_dark(page) == (colours == "dark")
                assert page.locator("nav [aria-current=page]").inner_text().strip().endswith("Learn")


def test_no_page_is_endless(chromium, address) -> None:
    with page_of(chromium, address, PHONE, may_say=SAYS) as page:
        for path in PAGES:
            open_page(page, path)
            page.wait_for_selector(".lessons")
            height = page.evaluate("document.documentElement.scrollHeight")
            assert height < MOST_PX.get(path, MOST_PX_OF_LESSON), path


def test_the_overview_leads_to_every_lesson_and_back(chromium, address) -> None:
    with page_of(chromium, address, PHONE, may_say="404") as page:
        for path in PAGES[1:]:
            open_page(page, LEARN_AT)
            page.locator(f".overview a[href='{path}']").click()
            page.wait_for_url(f"**{path}")
            page.get_by_role("link", name="All lessons").click()
            page.wait_for_url(f"**{LEARN_AT}")
        assert page.goto(f"{LEARN_AT}/juggling").status == 404


def test_one_cue_is_open_at_a_time_and_only_its_films_are_loaded(chromium, address) -> None:
    with page_of(chromium, address, PHONE) as page:
        films: list[str] = []
        page.on("request", lambda asked: films.append(asked.url) if "/films/" in asked.url else None)
        open_page(page, lesson_address("glute_bridge"))
        page.wait_for_selector(".cues")
        page.locator("#glute_bridge-toes_lifted summary").click()
        page.wait_for_function("document.querySelector('#glute_bridge-toes_lifted video').readyState >= 1")
        page.locator("#glute_bridge-slow_lower summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('#glute_bridge-slow_lower video').readyState >= 1")
        opened = page.evaluate("[...document.querySelectorAll('.cues details[open]')].map((one) => one.id)")
        assert opened == ["glute_bridge-slow_lower"]
        names = {url.rpartition("/")[2] for url in films}
        assert {"glute_bridge-toes_lifted.mp4", "glute_bridge-slow_lower.mp4"} <= names
        assert "glute_bridge-pelvis_level.mp4" not in names
        assert "glute_bridge-heels_down.mp4" not in names


def test_a_link_to_a_cue_opens_it(chromium, address) -> None:
    with page_of(chromium, address, PHONE) as page:
        open_page(page, lesson_address("running", "trunk_lean_deg"))
        cue = page.locator("#running-trunk_lean_deg")
        page.wait_for_function("document.querySelector('#running-trunk_lean_deg')?.open")
        box = cue.bounding_box()
        assert 0 <= box["y"] < PHONE["height"]


def test_muscles_are_turned_pressed_and_read_about(chromium, address) -> None:
    with page_of(chromium, address, WIDE, may_say=SAYS) as page:
        in_space(page)
        canvas = page.locator(".anatomy canvas")
        at_first = picture(page)
        canvas.focus()
        page.keyboard.press("ArrowLeft")
        turned = picture(page)
        assert turned != at_first
        box = canvas.bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 60, middle[1], steps=4)
        page.mouse.up()
        assert picture(page) not in (at_first, turned)
        open_page(page, ANATOMY_AT)
        page.wait_for_selector(".anatomy.in-space")
        found = None
        for step in range(1, 20):  # across the hips there is a gluteus maximus somewhere
            page.mouse.click(box["x"] + box["width"] * step / 20, middle[1])
            found = page.evaluate("document.querySelector('.muscle-list [aria-pressed=true]')?.dataset.muscle")
            if found == "glmax":
                break
        assert found == "glmax"
        assert page.locator("#muscle-glmax").is_visible()
        canvas.focus()
        page.keyboard.press("Escape")
        assert not page.locator("#muscle-glmax").is_visible()


def test_every_muscle_is_a_button_that_lights_it_and_shows_its_words(chromium, address) -> None:
    with page_of(chromium, address, PHONE, may_say=SAYS) as page:
        in_space(page)
        drawn = {picture(page)}
        for muscle in muscles():
            button = page.get_by_role("button", name=muscle.name)
            button.focus()
            page.keyboard.press("Space")
            assert button.get_attribute("aria-pressed") == "true"
            assert page.locator(".about section:visible").count() == 1
            assert muscle.does in page.locator(f"#muscle-{muscle.id}").inner_text()
            drawn.add(picture(page))
        assert len(drawn) == len(muscles()) + 1
        button.click()
        assert page.locator(".about section:visible").count() == 0


def test_movements_are_played_and_stopped(chromium, address) -> None:
    with page_of(chromium, address, PHONE, may_say=SAYS) as page:
        in_space(page)
        assert not page.locator(".anatomy .play").is_visible()  # who stands does not move
        for movement in MOVEMENTS.values():
            button = page.locator(f".anatomy [data-move={movement.id}]")
            button.click()
            assert button.get_attribute("aria-pressed") == "true"
            assert page.locator(".anatomy .effort-scale").is_visible()
            before = picture(page)
            page.locator(".anatomy .play").click()
            page.wait_for_function("Number(document.querySelector('.anatomy input').value) > 1")
            page.locator(".anatomy .play").click()
            assert page.locator(".anatomy .play").inner_text() == "Play"
            stopped = picture(page)
            assert stopped != before
            page.wait_for_timeout(600)
            assert picture(page) == stopped


def test_the_model_is_small(chromium, address) -> None:
    with page_of(chromium, address, PHONE, may_say=SAYS) as page:
        in_space(page)
        answer = page.request.get(f"{LEARN_AT}/model.json")
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < 500_000


def test_without_webgl_a_picture_stands_for_the_model(chromium, address) -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("myo_sim")
    with page_of(chromium, address, PHONE) as page:
        page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        open_page(page, ANATOMY_AT)
        page.wait_for_function(
            "document.querySelector('.anatomy .why-still')?.textContent.includes('cannot draw in space')",
            timeout=LONGEST_MS,
        )
        still = page.locator(".anatomy .still")
        seen = set()
        for muscle in muscles():
            page.get_by_role("button", name=muscle.name).click()
            page.wait_for_function("document.querySelector('.anatomy .still').naturalWidth > 0")
            seen.add(still.get_attribute("src"))
            assert muscle.name in still.get_attribute("alt")
            assert page.locator(f"#muscle-{muscle.id}").is_visible()
        assert len(seen) == len(muscles())
        assert still.is_visible()
        assert not page.locator(".anatomy .moves").is_visible()
        assert not page.locator(".anatomy canvas").is_visible()


def test_the_written_page_works_alone(chromium, tmp_path) -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("myo_sim")
    path = tmp_path / "learn.html"
    write_lessons_page(path)
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{path.as_uri()}#monster_walk-knees_bent")
    page.wait_for_selector("#monster_walk-knees_bent[open]")
    page.wait_for_selector(".anatomy.in-space")
    page.get_by_role("button", name="Gluteus minimus").click()
    assert page.locator("#muscle-glmin").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert complaints == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    context.close()


# -- who is not signed in ----------------------------------------------------------------------------------------


def test_lessons_and_films_are_for_those_who_are_signed_in(tmp_path) -> None:
    with running(settings_in(tmp_path, WITH_ACCOUNTS)) as app:
        add_account(app.state.diary.add_athlete(Profile("Anna")), "Anna", PASSWORD)
        film = f"/films/{film_path('glute_bridge-right').name}"
        served_files = (film, "/anatomy/all.webp", f"{LEARN_AT}/model.json")
        nobody = browser(app)
        for path in PAGES:
            answer = nobody.get(path, headers=PAGE)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/login?then={path}")
        for path in served_files:
            assert nobody.get(path).status_code == 401
        anna = sign_in(app, "Anna", PASSWORD)
        assert all(anna.get(path, headers=PAGE).status_code == 200 for path in PAGES)
        assert anna.get(film).content == film_path("glute_bridge-right").read_bytes()
        part = anna.get(film, headers={"range": "bytes=0-99"})  # browsers ask for parts of a film
        assert (part.status_code, len(part.content)) == (206, 100)
        assert anna.get("/anatomy/all.webp").content == still_path(None).read_bytes()
