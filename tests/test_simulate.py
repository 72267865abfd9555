"""Simulated runners: the same seed lives the same life; the example shows what it is there to show."""

from datetime import date, timedelta
from itertools import groupby
from random import Random

import pytest

from hipdrive.training.ladder import ladder
from hipdrive.training.load import long_run_spikes, monday_of
from hipdrive.training.pain import screened
from hipdrive.training.programme import plan
from hipdrive.training.safety import broken_rules
from hipdrive.training.simulate import (
    BEGINS,
    EXAMPLE_WEEKS,
    Fate,
    a_fate,
    an_athlete,
    example_history,
    simulate,
)

TODAY = date(2026, 11, 24)  # a Tuesday
FIRST = monday_of(TODAY) - timedelta(weeks=EXAMPLE_WEEKS)


@pytest.fixture(scope="module")
def example():
    return example_history(TODAY)


def test_the_same_seed_lives_the_same_life_and_another_seed_another():
    assert simulate(3, 6) == simulate(3, 6)
    assert simulate(3, 6) != simulate(4, 6)


def test_runners_differ_and_things_happen_to_them():
    fates = [a_fate(Random(seed), BEGINS, 26) for seed in range(300)]
    assert any(fate.races for fate in fates) and any(fate.away for fate in fates)
    assert any(fate.ill_weeks for fate in fates) and any(fate.spikes for fate in fates)
    assert any(flare.peak > 5 for fate in fates for flare in fate.flares)
    assert any(flare.flags for fate in fates for flare in fate.flares)
    athletes = [an_athlete(Random(seed)) for seed in range(50)]
    assert {athlete.profile.experience for athlete in athletes} == {"new", "some", "regular"}
    assert min(athlete.misjudges for athlete in athletes) < 0 < max(athlete.misjudges for athlete in athletes)


def test_a_red_flag_stops_the_plan_until_it_is_cleared():
    seed = next(seed for seed in range(300) if any(one.flags for one in fate_of(seed).flares))
    _, programmes = simulate(seed, 26)
    flare = next(one for one in fate_of(seed).flares if one.flags)
    after = [one for one in programmes if one.made_for > flare.day]
    assert after and after[0].stopped
    assert any(one.stopped is None for one in after)


def fate_of(seed: int) -> Fate:
    rng = Random(seed)
    an_athlete(rng)
    return a_fate(rng, BEGINS, 26)


def test_what_is_planned_is_what_is_lived_by():
    history, programmes = simulate(2, 10)
    planned = {session.id for programme in programmes for session in programme.sessions}
    done = {session.planned for session in history.sessions if session.planned}
    assert done and done <= planned
    assert [programme.made_for for programme in programmes] == sorted({one.made_for for one in programmes})
    assert programmes[0].made_for == BEGINS


@pytest.mark.parametrize("seed", range(6))
def test_nobody_trains_more_than_five_usual_weeks_without_an_easier_one(seed):
    history, programmes = simulate(seed, 20)
    weeks = {programme.weeks[0].monday: programme.weeks[0].phase for programme in programmes if programme.weeks}
    trained = {monday_of(session.day) for session in history.sessions}
    mondays = [BEGINS + timedelta(weeks=week) for week in range(20)]
    in_a_row = groupby(monday in trained and weeks.get(monday) in ("build", "keep") for monday in mondays)
    assert max((len(list(group)) for usual, group in in_a_row if usual), default=0) <= 5


def test_who_trains_well_comes_further_than_who_does_not():
    lives = [simulate(seed, 12) for seed in range(14)]
    levels = [
        (len(history.sessions), sum(ladder()[line.exercise].level for line in programmes[-1].lines))
        for history, programmes in lives
    ]
    often = [level for sessions, level in levels if sessions >= 16]
    seldom = [level for sessions, level in levels if sessions < 10]
    assert often and seldom
    assert sum(often) / len(often) > sum(seldom) / len(seldom)


# -- the example


def test_the_example_says_that_it_is_one(example):
    assert example.profile.name == "Example runner (simulated)"
    assert screened(example)
    assert all(run.source == "simulated" for run in example.runs)


def test_the_example_is_the_same_each_time_and_ends_yesterday(example):
    assert example_history(TODAY) == example
    days = [one.day for one in (*example.sessions, *example.pains, *example.tests, *example.seen)]
    assert min(days) >= FIRST and max(days) < TODAY


@pytest.mark.parametrize("more", range(7))
def test_the_example_is_planned_on_without_breaking_a_rule(more):
    today = TODAY + timedelta(days=more)
    history = example_history(today)
    programme = plan(history, today)
    assert programme.stopped is None and programme.sessions
    assert broken_rules(history, programme, today) == []


def test_the_example_has_what_it_should(example):
    trained = {monday_of(session.day) for session in example.sessions}
    assert len(trained) >= EXAMPLE_WEEKS - 1
    assert FIRST + timedelta(weeks=6) not in trained, "a week in bed"
    assert len(long_run_spikes(example.runs)) >= 1
    assert [race.distance_m for race in example.races] == [10_000.0]
    assert {3.0, 4.0} & {session.pain for session in example.sessions}, "a small pain"
    assert all((session.pain or 0) <= 5 for session in example.sessions)
    assert len({test.day for test in example.tests}) == 3
    assert 2.5 <= len(example.runs) / (EXAMPLE_WEEKS - 1) <= 3.2


def test_the_cues_of_the_example_get_better(example):
    for movement in ("glute_bridge", "monster_walk"):
        films = [film for film in example.seen if film.movement == movement]
        faults = [sum(fault for _, _, fault in film.shares.values()) / film.repetitions for film in films]
        assert len(films) >= 5
        assert sum(faults[:2]) > sum(faults[-2:])
        for film in films:
            cues = set().union(*(rung.cues for rung in ladder().values() if rung.judged_as == movement))
            assert set(film.shares) <= cues
            assert all(good + fault <= judged for judged, good, fault in film.shares.values())


def test_the_runs_of_the_example_are_filmed_three_times(example):
    runs = [film for film in example.seen if film.movement == "running"]
    assert len(runs) == 3
    assert runs[0].measures["cadence_spm"][0] < runs[-1].measures["cadence_spm"][0]
