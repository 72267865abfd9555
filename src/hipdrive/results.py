"""What an analysis says: the types of analysis.json, version 1.

The dataclasses mirror the JSON one to one, so `Analysis.to_json` and `Analysis.from_json` are each other's
inverse. The schema is in ``docs/analysis-1.schema.json``, made from these types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

if TYPE_CHECKING:
    import pandas

SCHEMA: Final = "hipdrive.analysis/1"

Verdict = Literal["good", "check", "fault", "not_judged"]


@dataclass(frozen=True)
class Source:
    """Where the movement came from."""

    name: str
    kind: Literal["video", "landmarks", "mocap"]
    duration_s: float
    frames: int
    rate_hz: float
    width_px: int
    height_px: int


@dataclass(frozen=True)
class RecognisedMovement:
    """Which movement it is, who says so, and what was seen that speaks for it."""

    id: Literal["glute_bridge", "monster_walk", "running", "unknown"]
    chosen: Literal["asked", "recognised"]
    confidence: float
    why: str = ""


@dataclass(frozen=True)
class SeenView:
    """From where it was filmed."""

    id: Literal["side", "front", "rear", "oblique", "unknown"]
    near_side: Literal["left", "right"] | None
    confidence: float


@dataclass(frozen=True)
class JudgedCue:
    """One cue in one repetition. `error` is one standard deviation; without a value there is a reason."""

    value: float | None
    unit: str
    error: float | None
    verdict: Verdict
    reason: str | None


@dataclass(frozen=True)
class JudgedRepetition:
    """One repetition with its phases and cues."""

    index: int
    side: Literal["left", "right", "both"] | None
    direction: Literal["left", "right"] | None
    start_s: float
    top_start_s: float
    top_end_s: float
    end_s: float
    complete: bool
    cues: dict[str, JudgedCue]


@dataclass(frozen=True)
class JudgedStride:
    """One stride of one leg. From behind the toe-off is not seen."""

    side: Literal["left", "right"]
    contact_s: float
    toe_off_s: float | None
    next_contact_s: float


@dataclass(frozen=True)
class JudgedMeasure:
    """One measure of the whole clip.

    `error` is one standard deviation of the measurement, `expected` what is usual for this runner, and `expected_sd`
    how much runners differ from it.
    """

    value: float | None
    unit: str
    error: float | None
    expected: float | None
    verdict: Verdict
    reason: str | None
    left: float | None
    right: float | None
    expected_sd: float | None = None

    @property
    def deviation_sd(self) -> float | None:
        """How many standard deviations of runners the value lies from what is usual for this one."""
        if self.value is None or self.expected is None or not self.expected_sd:
            return None
        return (self.value - self.expected) / self.expected_sd


@dataclass(frozen=True)
class SetVerdict:
    """One cue over all complete repetitions."""

    verdict: Verdict
    repetitions_judged: int
    repetitions_at_fault: int


@dataclass(frozen=True)
class Advice:
    """What matters most: the coach's sentence, why, and what to do next time."""

    about: str
    say: str
    why: str
    next: str


@dataclass(frozen=True)
class Warning_:
    """Something about the clip that the reader must know."""

    code: str
    text: str


@dataclass(frozen=True)
class Analysis:
    """What hipdrive saw in one clip.

    Examples
    --------
    >>> import hipdrive
    >>> analysis = hipdrive.analyse("bridge.mp4")  # doctest: +SKIP
    >>> len(analysis.complete_repetitions)  # doctest: +SKIP
    4
    """

    source: Source
    movement: RecognisedMovement
    view: SeenView
    repetitions: list[JudgedRepetition] = field(default_factory=list)
    strides: list[JudgedStride] = field(default_factory=list)
    measures: dict[str, JudgedMeasure] = field(default_factory=dict)
    set: dict[str, SetVerdict] = field(default_factory=dict)
    advice: list[Advice] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)
    schema: Literal["hipdrive.analysis/1"] = SCHEMA

    @property
    def complete_repetitions(self) -> list[JudgedRepetition]:
        """The repetitions that count."""
        return [repetition for repetition in self.repetitions if repetition.complete]

    def to_json(self) -> str:
        """Return the text of analysis.json, indented, with the schema first."""
        ordered = {"schema": self.schema, **msgspec.to_builtins(self)}  # what was read without it has none of its own
        return msgspec.json.format(msgspec.json.encode(ordered), indent=1).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Analysis:
        """Read analysis.json back.

        Raises
        ------
        msgspec.ValidationError
            When the text is no analysis of version 1.
        """
        return msgspec.json.decode(text, type=cls)

    def to_rows(self) -> Iterator[dict[str, object]]:
        """Yield one row per repetition and cue, as in repetitions.csv."""
        for repetition in self.repetitions:
            for cue_id, cue in repetition.cues.items():
                yield {
                    "repetition": repetition.index,
                    "complete": repetition.complete,
                    "side": repetition.side,
                    "direction": repetition.direction,
                    "start_s": repetition.start_s,
                    "top_start_s": repetition.top_start_s,
                    "top_end_s": repetition.top_end_s,
                    "end_s": repetition.end_s,
                    "cue": cue_id,
                    "value": cue.value,
                    "unit": cue.unit,
                    "error": cue.error,
                    "verdict": cue.verdict,
                    "reason": cue.reason,
                }

    def to_frame(self) -> pandas.DataFrame:
        """Return a pandas table, one row per repetition and cue."""
        import pandas

        return pandas.DataFrame(list(self.to_rows()))


def json_schema() -> dict[str, Any]:
    """JSON Schema of analysis.json, version 1."""
    schema = msgspec.json.schema(Analysis)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **schema}
