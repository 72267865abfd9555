"""Doses in words: the same in terminal, pages, calendar and mail."""

from __future__ import annotations

from hipdrive.numbers import counted
from hipdrive.training.ladder import Dose


def dose_sentence(dose: Dose) -> str:
    """Say a dose as a coach would.

    Examples
    --------
    >>> dose_sentence(Dose(3, 10, 12))
    '3 sets of 10 to 12, slow: 2 s up, 1 s hold, 3 s down; stop with 3 to 4 left in you; 60 s of rest'
    >>> dose_sentence(Dose(1, 20, 30, "seconds", each_side=True, tempo_s=(0, 0, 0), rest_s=0))
    '1 set of 20 to 30 s on each side'
    """
    amount, manner = dose_amount(dose), dose_manner(dose)
    return f"{amount}{', ' if manner.startswith('slow') else '; '}{manner}" if manner else amount


def dose_amount(dose: Dose) -> str:
    """Say how much it is.

    Examples
    --------
    >>> dose_amount(Dose(2, 8, 8, "steps each way", tempo_s=(0, 0, 0), band="red"))
    '2 sets of 8 steps each way with the red band'
    """
    words = f"{counted(dose.sets, 'set')} of {_amount(dose)}"
    if dose.each_side:
        words += " on each side"
    made_harder = ([f"the {dose.band} band"] if dose.band else []) + ([f"{dose.load_kg:g} kg"] if dose.load_kg else [])
    return f"{words} with {' and '.join(made_harder)}" if made_harder else words


def dose_manner(dose: Dose) -> str:
    """Say how fast it is, how far to go, and how long to rest; empty where there is nothing to say."""
    words = []
    if dose.unit == "repetitions" and any(dose.tempo_s):
        words.append(f"slow: {_tempo(dose)}")
    if dose.unit != "seconds":
        words.append(f"stop with {_between(*dose.reserve)} left in you")
    if dose.rest_s:
        words.append(f"{dose.rest_s} s of rest")
    return "; ".join(words)


def short_dose(dose: Dose) -> str:
    """Sets and range, as one writes them into a table.

    Examples
    --------
    >>> short_dose(Dose(3, 10, 12)), short_dose(Dose(2, 30, 30, "seconds"))
    ('3 × 10-12', '2 × 30 s')
    """
    amount = f"{dose.least}" if dose.least == dose.most else f"{dose.least}-{dose.most}"
    return f"{dose.sets} × {amount}{' s' if dose.unit == 'seconds' else ''}"


def table_dose(dose: Dose) -> str:
    """Sets and range, with the sides.

    Examples
    --------
    >>> table_dose(Dose(2, 8, 12, each_side=True)), table_dose(Dose(2, 8, 12, "steps each way"))
    ('2 × 8-12 each side', '2 × 8-12 each way')
    """
    sides = " each side" if dose.each_side else " each way" if dose.unit == "steps each way" else ""
    return f"{short_dose(dose)}{sides}"


def _amount(dose: Dose) -> str:
    unit = {"repetitions": "", "seconds": " s", "steps each way": " steps each way"}[dose.unit]
    return f"{_between(dose.least, dose.most)}{unit}"


def _between(least: int, most: int) -> str:
    return f"{least}" if least == most else f"{least} to {most}"


def _tempo(dose: Dose) -> str:
    parts = zip(dose.tempo_s, ("up", "hold", "down"), strict=True)
    return ", ".join(f"{seconds:g} s {word}" for seconds, word in parts if seconds)
