"""What the weekly mail says: the week, what comes, and one tip; calm where something hurts."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.exchange.digest import NO_FAULT, THEME_DAYS, digest, grown, theme, week_of_report
from hipdrive.exchange.words import plain
from hipdrive.movements import MOVEMENTS
from hipdrive.training.history import Away, ExerciseDone, History, PainReport, Race, SetDone
from hipdrive.training.pain import stop_reason
from planned import EXERCISES, LADDER, MONDAY, PROFILE, done, filmed, history, programme, session

PLAN = programme(session(MONDAY + timedelta(days=1), test="single-leg-bridge"), session(MONDAY + timedelta(days=3), 2))
STOPPED = programme(stopped="Please see a doctor or a physiotherapist this week. This is not medical advice.")


class Page(HTMLParser):
    """Text of a page, and what is in it that mail must not have."""

    VOID = ("meta", "br", "img", "link", "input", "hr")

    def __init__(self, html):
        super().__init__()
        self.words, self.open, self.tags, self.addresses = [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "background", "action")]
        assert not any(name.startswith("on") for name, _ in attributes)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def both(found):
    """Text and page of a mail, as one line each."""
    return " ".join(found.text.split()), Page(found.html).text


def test_it_tells_the_week_what_comes_and_one_tip():
    found = digest(history(races=(Race(date(2026, 12, 6), 10_000, "Advent run"),)), PLAN, MONDAY)
    assert (found.week, found.tip_about) == ("2026-W47", "hold_at_top")
    assert found.subject == "Your week: 2 of 2 sessions, the next one on Tuesday"
    cue = MOVEMENTS["glute_bridge"].cue("hold_at_top")
    for text in both(found):
        assert "16 to 22 November" in text
        assert "2 of 2 sessions done." in text
        assert "9 November" in text
        assert "Glute bridge: 12 repetitions in a set, 11 before." in text
        assert "Tuesday, 24 November" in text
        assert "First the self test: single leg bridge" in text
        assert "Monster walk: 2 sets of 8 to 10 steps each way with the red band" in text
        assert "no more than 12.0 km" in text
        assert "Race ahead: Advent run, 6 December." in text
        assert cue.next in text
        assert cue.why in text
        assert "Seen in 3 of your last 3 clips: glute bridge." in text
        assert "not medical advice" in text
        assert "hipdrive digest off" in text
    assert all(len(line) <= 72 for line in found.text.splitlines())
    assert found.text.count("■■") == 3
    assert found.html.count('class="bar"') == 7


def test_the_page_is_one_that_mail_programs_show():
    page = Page(digest(history(), PLAN, MONDAY, unsubscribe_url="https://x.org/u/t?a=1&b=2").html)
    assert not page.open
    assert page.addresses == ["https://x.org/u/t?a=1&b=2"]
    assert not {"script", "img", "svg", "link", "form", "iframe", "video"} & set(page.tags)
    html = digest(history(), PLAN, MONDAY).html
    assert "prefers-color-scheme: dark" in html
    assert "url(" not in html
    assert "@import" not in html
    assert not Page(html).addresses


def test_the_same_week_gives_the_same_mail():
    assert digest(history(), PLAN, MONDAY) == digest(history(), PLAN, MONDAY)


@pytest.mark.parametrize(
    ("today", "monday"),
    [(date(2026, 11, 22), 16), (date(2026, 11, 23), 16), (date(2026, 11, 28), 16), (date(2026, 11, 29), 23)],
)
def test_a_week_is_over_on_its_sunday(today, monday):
    assert week_of_report(today) == date(2026, 11, monday)


def test_the_end_of_a_year_has_its_own_week():
    assert digest(history(), PLAN, date(2027, 1, 4)).week == "2026-W53"


def test_without_a_diary_it_is_kind_and_honest():
    found = digest(History(PROFILE), PLAN, MONDAY)
    assert found.subject == "Your week with hipdrive"
    assert found.tip_about == EXERCISES[0].exercise
    for text in both(found):
        assert "no sessions yet" in text
        assert "There are no clips of the last six weeks, so this is about what comes next." in text
        assert LADDER["glute_bridge"].why in text
        assert "What grew".lower() not in text.lower()
    assert digest(History(PROFILE), programme(), MONDAY).tip_about is None


def test_more_than_was_asked_for_is_counted_by_itself():
    extra = history(sessions=(*history().sessions[:-1], *(done(days_ago(days)) for days in (5, 3, 2))))
    assert digest(extra, PLAN, MONDAY).subject == "Your week: 4 sessions, the next one on Tuesday"


def test_a_missed_week_and_a_week_away_are_no_failures():
    before = history().sessions[:-2]
    missed = digest(history(sessions=before), PLAN, MONDAY)
    away = digest(history(sessions=before, away=(Away(date(2026, 11, 16), date(2026, 11, 22)),)), PLAN, MONDAY)
    for text in both(missed):
        assert "Nothing is lost" in text
    for text in both(away):
        assert "A week off. That is part of it." in text
    for found in (missed, away):
        assert found.subject == "Your week with hipdrive"
        assert not re.search(r"miss|fail|only|unfortunately|should have", found.text)


# -- when it hurts ---------------------------------------------------------------------------------------------------


def test_a_stopped_plan_is_said_calmly_and_no_exercise_is_given():
    found = digest(history(), STOPPED, MONDAY)
    assert found.tip_about is None
    assert found.subject == "Your week with hipdrive"  # it may stand on a locked phone
    for text in both(found):
        assert STOPPED.stopped in text
        assert "Nothing that you have done is lost." in text
        for rung in LADDER.values():
            assert rung.name.lower() not in text.lower()
        for cue in MOVEMENTS["glute_bridge"].cues:
            assert cue.next not in text
        assert "!" not in text


def test_questions_that_come_first_are_not_called_a_pause():
    found = digest(History(PROFILE), programme(stopped="A few questions come first."), MONDAY)
    for text in both(found):
        assert "before your plan begins" in text.lower()
        assert "A few questions come first." in text
        assert "paused" not in text.lower()
        assert "lost" not in text


def test_an_open_flag_stops_the_mail_even_when_the_plan_is_older():
    hurt = history(pains=(PainReport(MONDAY, 4.0, flags=("groin",)),))
    found = digest(hurt, PLAN, MONDAY)
    assert found.tip_about is None
    for text in both(found):
        assert " ".join(stop_reason(hurt, MONDAY).split()) in text
        assert "Glute bridge" not in text


def test_pain_is_answered_by_its_light_and_more_than_good_has_no_tip():
    friday = MONDAY - timedelta(days=3)
    by_score = {score: digest(history(pains=(PainReport(friday, score),)), PLAN, MONDAY) for score in (1.0, 4.0, 6.0)}
    assert "stayed at 2 of 10 or less" in both(by_score[1.0])[0]
    assert "acceptable if it is gone by the next morning" in both(by_score[4.0])[0]
    assert "more pain than is good to train with" in both(by_score[6.0])[0]
    assert [found.tip_about for found in by_score.values()] == ["hold_at_top", "hold_at_top", None]
    assert "HOW IT FELT" not in digest(history(), PLAN, MONDAY).text


# -- the theme --------------------------------------------------------------------------------------------------------


def days_ago(days: int) -> date:
    return MONDAY - timedelta(days=days)


def test_the_theme_is_what_comes_up_most():
    seen = (
        filmed(days_ago(20), {"hold_at_top": 8, "slow_lower": 8}),
        filmed(days_ago(10), {"hold_at_top": 8, "slow_lower": 0}),
        filmed(days_ago(3), {"hold_at_top": 7, "slow_lower": 8}),
    )
    found = theme(seen, MONDAY)
    assert (found.movement, found.about, found.times, found.clips) == ("glute_bridge", "hold_at_top", 3, 3)
    assert theme(seen[::-1], MONDAY) == found


def test_what_the_newest_clip_finds_in_order_is_no_theme():
    seen = (filmed(days_ago(20), {"hold_at_top": 9}), filmed(days_ago(10), {"hold_at_top": 9}))
    assert theme(seen, MONDAY).about == "hold_at_top"
    assert theme((*seen, filmed(days_ago(2), {"hold_at_top": 1})), MONDAY) is None
    # a clip that does not look at it changes nothing
    assert theme((*seen, filmed(days_ago(2), {"toes_lifted": 0})), MONDAY).about == "hold_at_top"


def test_what_is_long_ago_or_to_come_is_no_theme():
    assert theme((filmed(days_ago(THEME_DAYS), {"hold_at_top": 9}),), MONDAY) is None
    assert theme((filmed(days_ago(-1), {"hold_at_top": 9}),), MONDAY) is None
    assert theme((), MONDAY) is None


def test_what_weighs_more_goes_first_and_unknown_things_are_left_out():
    weights = {cue.id: cue.weight for cue in MOVEMENTS["glute_bridge"].cues}
    heavy, light = max(weights, key=weights.get), min(weights, key=weights.get)
    assert weights[heavy] > weights[light]
    assert theme((filmed(days_ago(3), {light: 8, heavy: 8}),), MONDAY).about == heavy
    assert theme((filmed(days_ago(3), {"of_another_release": 9}),), MONDAY) is None
    assert theme((filmed(days_ago(3), {"hold_at_top": 9}, "cartwheel"),), MONDAY) is None


def test_a_tip_about_a_run_says_that_it_is_no_fault():
    seen = (
        replace(
            filmed(days_ago(3), {}, "running"),
            measures={"overstride_leg_lengths": (0.3, 0.03, "leg lengths", None, None)},
            advice=("overstride_leg_lengths",),
        ),
    )
    found = digest(history(seen=seen), PLAN, MONDAY)
    assert found.tip_about == "overstride_leg_lengths"
    for text in both(found):
        assert f"Seen in your last clip: running. {NO_FAULT}" in text


def test_every_tip_says_what_the_movement_says_and_no_more():
    for movement in MOVEMENTS.values():
        for one in (*movement.cues, *movement.measures):
            seen = (replace(filmed(days_ago(1), {}, movement.id), advice=(one.id,)),)
            found = digest(history(seen=seen), PLAN, MONDAY)
            if one.weight == 0:
                assert found.tip_about != one.id
                continue
            assert found.tip_about == one.id
            for text in both(found):
                assert one.next in text
                assert one.why in text


# -- what grew ------------------------------------------------------------------------------------------------------


def test_what_grew_is_against_what_was_before():
    week = MONDAY - timedelta(days=7)
    before, now = done(days_ago(12), amount=10), done(days_ago(4), amount=12)
    more = ("Glute bridge: 12 repetitions in a set, 10 before.",)
    assert grown(History(PROFILE, sessions=(before, now)), LADDER, week) == more
    assert grown(History(PROFILE, sessions=(now,)), LADDER, week) == ()  # nothing to hold it against
    less = done(days_ago(4), amount=8)
    assert grown(History(PROFILE, sessions=(before, less)), LADDER, week) == ()
    up = done(days_ago(4), "single_leg_bridge", 8)
    [said] = grown(History(PROFILE, sessions=(before, up)), LADDER, week)
    assert said.endswith(f": up to {LADDER['single_leg_bridge'].name}, from Glute bridge.")
    unknown = replace(now, exercises=(ExerciseDone("of_another_release", (SetDone(10),)),))
    assert grown(History(PROFILE, sessions=(before, unknown)), LADDER, week) == ()


# -- whatever is written -----------------------------------------------------------------------------------------------

ODD = ["<script>alert(1)</script>", '"><img src=x onerror=y>', "\ud800", "a\nb\r\nc", "{{ 7 * 7 }}"]
TEXTS = st.text(max_size=40) | st.sampled_from(ODD)


@settings(max_examples=40, deadline=None)
@given(name=TEXTS, race=TEXTS, when=TEXTS)
def test_whatever_is_written_stays_text(name, race, when):
    plan = programme(session(MONDAY, when=when))
    written = history(profile=replace(PROFILE, name=name), races=(Race(MONDAY, 10_000, race),))
    found = digest(written, plan, MONDAY)
    page = Page(found.html)
    assert not page.open
    for words in filter(None, map(plain, (name, race, when))):
        assert " ".join(words.split()) in page.text
    assert not {"script", "img"} & set(page.tags)
    for data in (found.text, found.html, found.subject):
        data.encode()
    assert "\n" not in found.subject
