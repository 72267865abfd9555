"""How much was run: the limit of the next long run, the runs beyond it, and weeks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.training.history import Run
from hipdrive.training.load import (
    key_runs,
    long_run_limit_m,
    long_run_spikes,
    long_run_words,
    weekly_distance,
)

TODAY = date(2026, 11, 24)  # a Tuesday


def a_run(days_ago: int, km: float, minutes: float = 60.0, hour: int = 7) -> Run:
    day = TODAY - timedelta(days=days_ago)
    return Run(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), km * 1000, minutes * 60)


many_runs = st.lists(
    st.builds(a_run, st.integers(1, 90), st.floats(0.5, 60), st.floats(5, 400), st.integers(0, 23)), max_size=40
)


def test_the_limit_is_a_tenth_more_than_the_longest_of_thirty_days():
    assert long_run_limit_m([a_run(30, 10), a_run(3, 8)], TODAY) == pytest.approx(11_000)
    assert long_run_limit_m([a_run(31, 10), a_run(3, 8)], TODAY) == pytest.approx(8_800), "31 days are too long ago"
    assert long_run_limit_m([a_run(0, 20), a_run(3, 8)], TODAY) == pytest.approx(8_800), "today is not before today"


def test_without_a_run_in_thirty_days_there_is_no_limit_and_it_says_so():
    for runs in ([], [a_run(31, 10)], [a_run(0, 10)], [a_run(-1, 10)]):
        assert long_run_limit_m(runs, TODAY) is None
        assert "no run of the last 30 days" in long_run_words(runs, TODAY)
    assert "11.0 km" in long_run_words([a_run(4, 10)], TODAY)


@pytest.mark.parametrize(
    ("km", "name", "rate"),
    [
        (8, None, None),
        (11.0, None, None),
        (11.1, "small", 1.64),
        (13.0, "small", 1.64),
        (13.1, "moderate", 1.52),
        (20.0, "moderate", 1.52),
        (20.1, "large", 2.28),
    ],
)
def test_bands_are_those_of_the_study(km, name, rate):
    spikes = long_run_spikes([a_run(20, 10), a_run(1, km)])
    assert [spike.band.name for spike in spikes] == ([name] if name else [])
    assert [spike.band.rate for spike in spikes] == ([rate] if name else [])
    if spikes:
        assert spikes[0].ratio == pytest.approx(km / 10)


def test_a_run_is_measured_by_those_before_it_and_by_no_others():
    first_after_a_break = [a_run(60, 10), a_run(10, 25)]
    assert not long_run_spikes(first_after_a_break), "nothing to measure it by"
    assert long_run_spikes([a_run(31, 10), a_run(1, 25)]), "30 days before"
    assert not long_run_spikes([a_run(32, 10), a_run(1, 25)])
    same_day = [a_run(2, 5, hour=7), a_run(2, 12, hour=18)]
    assert [spike.run.distance_m for spike in long_run_spikes(reversed(same_day))] == [12_000]
    assert not long_run_spikes([a_run(5, 5), a_run(6, 12)])


def test_the_words_say_what_was_found_and_that_it_is_no_forecast():
    (spike,) = long_run_spikes([a_run(20, 10), a_run(1, 14.2)])
    for part in ("14.2 km", "1.4 times", "10.0 km", "5205 runners", "1.52 times as often", "1.16 to 2.00", "Frandsen"):
        assert part in spike.words
    assert "not a forecast" in spike.words
    assert not {"will", "danger", "must", "!"} & set(spike.words.lower().split())


@settings(deadline=None)
@given(many_runs)
def test_a_run_as_long_as_the_limit_is_never_a_spike(runs):
    limit = long_run_limit_m(runs, TODAY)
    if limit is None:
        return
    after = Run(datetime(2026, 11, 24, 12, tzinfo=UTC), limit, 3600)
    assert after not in [spike.run for spike in long_run_spikes([*runs, after])]
    longer = Run(datetime(2026, 11, 24, 12, tzinfo=UTC), limit * 1.001, 3600)
    assert longer in [spike.run for spike in long_run_spikes([*runs, longer])]


@settings(deadline=None)
@given(many_runs, st.randoms())
def test_the_order_of_the_runs_does_not_matter(runs, random):
    shuffled = random.sample(runs, len(runs))
    assert long_run_limit_m(shuffled, TODAY) == long_run_limit_m(runs, TODAY)
    moments = {run.start for run in runs}
    if len(moments) == len(runs):
        assert long_run_spikes(shuffled) == long_run_spikes(runs)


@settings(deadline=None)
@given(many_runs)
def test_weeks_hold_every_run_of_their_days(runs):
    weeks = weekly_distance(runs, TODAY - timedelta(days=91), TODAY)
    assert sum(weeks.values()) == pytest.approx(sum(run.distance_m for run in runs))
    assert all(monday.weekday() == 0 for monday in weeks)
    assert list(weeks) == sorted(weeks)


def test_weeks_without_a_run_are_there():
    weeks = weekly_distance([a_run(1, 10), a_run(0, 5), a_run(23, 7)], TODAY - timedelta(days=21), TODAY)
    assert list(weeks.values()) == [0.0, 0.0, 0.0, 15_000.0]
    assert weekly_distance([a_run(22, 7)], TODAY, TODAY) == {date(2026, 11, 23): 0.0}


def test_key_runs_are_the_longest_and_the_fastest_of_the_week():
    long, fast, sprint = a_run(1, 18, 108), a_run(0, 8, 36), a_run(0, 1.0, 3)
    keys = key_runs([a_run(8, 30, 100), sprint, fast, long], TODAY)
    assert keys is not None
    assert (keys.longest, keys.fastest) == (long, fast)
    assert keys.days == (date(2026, 11, 23), date(2026, 11, 24))
    assert key_runs([a_run(8, 30)], TODAY) is None
    only = key_runs([sprint], TODAY)
    assert only is not None
    assert only.fastest is None
    assert only.days == (TODAY,)
