"""Small annotators that draw on pictures, each one thing.

Every annotator holds its style only and has one verb, ``annotate(image, ...)``, which draws on an RGB picture
of uint8 in place and returns it. Sizes are shares of the shorter side of the picture, so that a drawing looks
the same on a phone clip and in full HD. What is missing (NaN), unsure or far outside the picture is left out.

Examples
--------
>>> import numpy as np
>>> image = np.zeros((360, 640, 3), np.uint8)
>>> RepCounter().annotate(Banner().annotate(image, [BannerLine("good", "Rep 2: straight line")]), 2).shape
(360, 640, 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from hipdrive.pose.keypoints import BONES, KEYPOINTS
from hipdrive.report.words import SIDE_LETTERS, SIDES, WORDS, Side
from hipdrive.results import Verdict

Image = NDArray[np.uint8]
Points = NDArray[np.floating[Any]]
Rgb = tuple[int, int, int]

WHITE: Final[Rgb] = (255, 255, 255)
INK: Final[Rgb] = (14, 22, 32)  # behind text and around lines, so that they stand out on any picture
NEUTRAL: Final[Rgb] = (255, 244, 214)

# Lighter than the colours of the reports because they stand on pictures and dark plates; a blue-green, a
# yellow and a red-orange of different lightness, after the palette of Okabe and Ito for colour-blind readers.
VERDICT_RGB: Final[dict[Verdict, Rgb]] = {
    "good": (46, 206, 160),
    "check": (255, 200, 60),
    "fault": (255, 96, 64),
    "not_judged": (190, 198, 208),
}

# Left and right of the athlete, where that matters: the colours of the reports, lighter.
SIDE_RGB: Final[dict[Side, Rgb]] = {"left": (86, 176, 246), "right": (238, 140, 206)}
DIM: Final[Rgb] = (150, 160, 172)

LEAST_CONFIDENCE: Final = 0.3  # a hidden leg has 0 to 0.5, one that is seen 0.5 to 1
LEAST_TEXT_PX: Final = 8
FAR_OUT: Final = 4  # picture sizes; lines to points further off say nothing, and overflow the drawing library
SHIFT: Final = 4  # bits of sub-pixel precision: without them slow lines jump from pixel to pixel


def unit_px(image: Image) -> float:
    """Hundredth of the shorter side of the picture."""
    height, width, _ = image.shape
    return float(min(height, width)) / 100


@dataclass(frozen=True)
class Skeleton:
    """Bones of the athlete: the near side strong, the far side thin and pale.

    Attributes
    ----------
    near_rgb, far_rgb : tuple of int
    near_width, far_width : float
        In hundredths of the shorter side of the picture.
    by_side : bool
        Whether left and right have colours of their own, in place of near and far.
    """

    near_rgb: Rgb = (72, 176, 255)
    far_rgb: Rgb = (214, 226, 236)
    near_width: float = 0.9
    far_width: float = 0.45
    by_side: bool = False

    def annotate(self, image: Image, points_px: Points, confidence: Points, near_side: Side | None = None) -> Image:
        """Draw the bones.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width, 3)
        points_px : ndarray, shape (33, 2)
            Keypoints in the order of `hipdrive.pose.KEYPOINTS`.
        confidence : ndarray, shape (33,)
        near_side : {"left", "right"} or None
            When None, both sides are drawn as near.
        """
        unit = unit_px(image)
        seen = (np.nan_to_num(confidence) >= LEAST_CONFIDENCE) & _drawable(image, points_px)
        bones = [(_is_near(bone, near_side), bone) for bone in BONES]
        joints: set[int] = set()
        for is_near, names in sorted(bones, key=lambda bone: bone[0]):  # the near side covers the far side
            a, b = (KEYPOINTS.index(name) for name in names)
            joints |= {end for end in (a, b) if is_near and seen[end]}
            if seen[a] and seen[b]:
                width = self.near_width if is_near else self.far_width
                _line(image, points_px[a], points_px[b], self._rgb(names, is_near), width * unit)
        for number in joints:
            _disc(image, points_px[number], WHITE, 0.6 * self.near_width * unit)
        return image

    def _rgb(self, bone: tuple[str, str], is_near: bool) -> Rgb:
        if self.by_side:
            return next((SIDE_RGB[side] for side in SIDES if all(side in name for name in bone)), self.far_rgb)
        return self.near_rgb if is_near else self.far_rgb


def _is_near(bone: tuple[str, str], near_side: Side | None) -> bool:
    return near_side is None or all(near_side in name or name == "nose" for name in bone)


@dataclass(frozen=True)
class SideLetters:
    """The letter of its side on each knee: L and R are the athlete's own."""

    size: float = 3.6

    def annotate(self, image: Image, points_px: Points, confidence: Points) -> Image:
        """Write the letters, for keypoints as in `Skeleton`."""
        unit = unit_px(image)
        seen = (np.nan_to_num(confidence) >= LEAST_CONFIDENCE) & _drawable(image, points_px)
        for side in SIDES:
            knee = KEYPOINTS.index(f"{side}_knee")
            if not seen[knee]:
                continue
            _disc(image, points_px[knee], INK, 0.75 * self.size * unit)
            _disc(image, points_px[knee], SIDE_RGB[side], 0.62 * self.size * unit)
            width, height = _text_size(SIDE_LETTERS[side], self.size * unit)
            x, y = points_px[knee] - np.array([width, height]) / 2
            _text(image, SIDE_LETTERS[side], round(x), round(y), self.size * unit, INK)
        return image


@dataclass(frozen=True)
class PlumbLine:
    """A thin dashed line along the picture's edge from a point: what a line of the body is compared with."""

    width: float = 0.4
    dash: float = 1.6

    def annotate(self, image: Image, ends_px: Points) -> Image:
        """Draw from the first of two points, shape (2, 2), up, down or sideways, whichever is nearer to the second."""
        if not _drawable(image, ends_px).all():
            return image
        unit, way = unit_px(image), ends_px[1] - ends_px[0]
        way = np.where(np.abs(way) == np.abs(way).max(), way, 0)
        dashes = max(1, round(float(np.linalg.norm(way)) / (2 * self.dash * unit)))
        for share in np.arange(dashes) / dashes:
            start = ends_px[0] + share * way
            _line(image, start, start + way / (2 * dashes), WHITE, self.width * unit)
        return image


@dataclass(frozen=True)
class CoachLine:
    """The line that the coach looks at, thick, in the colour of its verdict."""

    width: float = 1.6

    def annotate(self, image: Image, points_px: Points, verdict: Verdict | None = None) -> Image:
        """Draw the line through the points, shape (n_points, 2), in order."""
        unit = unit_px(image)
        seen = _drawable(image, points_px)
        rgb = NEUTRAL if verdict is None else VERDICT_RGB[verdict]
        for casing, colour in ((0.5 * unit, INK), (0.0, rgb)):
            for i in range(len(points_px) - 1):
                if seen[i] and seen[i + 1]:
                    _line(image, points_px[i], points_px[i + 1], colour, self.width * unit + 2 * casing)
        for point in points_px[seen]:
            _disc(image, point, INK, 0.9 * self.width * unit)
            _disc(image, point, rgb, 0.6 * self.width * unit)
        return image


@dataclass(frozen=True)
class AngleLabel:
    """An angle in degrees, on a small plate under its joint."""

    size: float = 6.0
    drop: float = 3.5

    def annotate(
        self, image: Image, point_px: Points, angle_deg: float | None, verdict: Verdict | None = None
    ) -> Image:
        """Write the angle under the point, shape (2,); over it where there is no room below.

        The hip of a lying athlete bends downwards, so that a plate under it hides neither thigh nor trunk.
        """
        if angle_deg is None or not np.isfinite(angle_deg) or not _drawable(image, point_px[None])[0]:
            return image
        unit = unit_px(image)
        text, size_px = f"{angle_deg:.0f}°", self.size * unit
        width, height = _text_size(text, size_px)
        pad = round(0.35 * size_px)
        x, y = float(point_px[0]), float(point_px[1])
        top = y + self.drop * unit
        if top + height + pad > image.shape[0]:
            top = y - self.drop * unit - height - pad
        box = _inside(image, (round(x - width / 2) - pad, round(top), width + 2 * pad, height + pad))
        _plate(image, box)
        rgb = WHITE if verdict is None else VERDICT_RGB[verdict]
        _text(image, text, box[0] + pad, box[1] + pad // 2, size_px, rgb)
        return image


@dataclass(frozen=True)
class RepCounter:
    """A number, top left, large enough for a phone, with what it counts and what is going on beside it.

    Attributes
    ----------
    words : tuple of (str, str)
        What is counted: one, and several.
    phases : tuple of str
        All that may stand below it, so that the plate keeps its width while they change.
    """

    words: tuple[str, str] = ("rep", "reps")
    phases: tuple[str, ...] = ("part rep",)
    number_size: float = 15.0
    word_size: float = 5.5

    def annotate(self, image: Image, count: int, phase: str = "", verdict: Verdict | None = None) -> Image:
        """Write the count, in the colour of a verdict if there is one, and the phase if given."""
        unit = unit_px(image)
        number_px, word_px, pad = self.number_size * unit, self.word_size * unit, round(2 * unit)
        number, word = str(count), self.words[count != 1]
        number_width, number_height = _text_size(number, number_px)
        words_width = max(_text_size(text, word_px)[0] for text in (*self.words, phase, *self.phases))
        word_height = _text_size(word, word_px)[1]
        box = (pad, pad, 3 * pad + number_width + words_width, number_height + pad)
        _plate(image, box)
        x, y = box[0] + pad, box[1] + pad // 2
        _text(image, number, x, y, number_px, WHITE if verdict is None else VERDICT_RGB[verdict])
        x += number_width + pad
        y += (number_height - 2 * word_height) // 2
        _text(image, word, x, y, word_px, NEUTRAL)
        _text(image, phase, x, y + word_height, word_px, WHITE)
        return image


@dataclass(frozen=True)
class Directions:
    """Repetitions to the left and to the right, top right, each with an arrow that points that way in the picture.

    Attributes
    ----------
    pointing_left : {"left", "right"}
        The athlete's own side that lies on the left of the picture.
    """

    pointing_left: Side = "right"
    size: float = 5.5

    def annotate(self, image: Image, counts: Mapping[Side, int], going: Side | None = None) -> Image:
        """Write the counts; the way that is being gone stands out."""
        unit = unit_px(image)
        size_px, pad, margin = self.size * unit, round(1.6 * unit), round(2 * unit)
        sides: tuple[Side, Side] = ("left", "right") if self.pointing_left == "left" else ("right", "left")
        texts = [f"{side} {counts.get(side, 0)}" for side in sides]
        arrow = round(0.9 * size_px)
        cells = [_text_size(text, size_px)[0] + arrow + 3 * pad for text in texts]
        height = _text_size(texts[0], size_px)[1] + pad
        wanted = (image.shape[1] - margin - sum(cells), margin, sum(cells), height)
        left, top, _, _ = box = _inside(image, wanted)
        _plate(image, box)
        for side, text, cell, points_left in zip(sides, texts, cells, (True, False), strict=True):
            rgb = (NEUTRAL if side == going else DIM) if going else WHITE
            middle = np.array([left + (pad + arrow / 2 if points_left else cell - pad - arrow / 2), top + height / 2])
            _arrow(image, middle, arrow, points_left, rgb)
            _text(image, text, left + (2 * pad + arrow if points_left else pad), top + pad // 2, size_px, rgb)
            left += cell
        return image


@dataclass(frozen=True)
class ContactStrip:
    """When each foot is on the ground, a little before and after the moment of the picture; top right, off the feet."""

    row: float = 5.0
    text_size: float = 4.2
    width_share: float = 0.45
    span_s: float = 1.0

    def annotate(self, image: Image, contacts_s: Mapping[Side, Sequence[tuple[float, float]]], time_s: float) -> Image:
        """Draw a row for each side with its contacts from start to end; the moment is the line in the middle."""
        unit = unit_px(image)
        row, pad, margin = round(self.row * unit), round(unit), round(2 * unit)
        letters_px = max(_text_size(letter, self.text_size * unit)[0] for letter in SIDE_LETTERS.values())
        width = round(self.width_share * image.shape[1])
        box = _inside(image, (image.shape[1] - margin - width, margin, width, 2 * row + 3 * pad))
        _plate(image, box, radius=2 * pad)
        left, right = box[0] + 2 * pad + letters_px, box[0] + box[2] - pad
        per_s = max(right - left, 0) / (2 * self.span_s)
        for number, side in enumerate(SIDES):
            y = box[1] + pad + number * (row + pad)
            height = _text_size(SIDE_LETTERS[side], self.text_size * unit)[1]
            at = round(y + (row - height) / 2)
            _text(image, SIDE_LETTERS[side], box[0] + pad, at, self.text_size * unit, SIDE_RGB[side])
            for start_s, end_s in contacts_s.get(side, ()):
                x0, x1 = (left + per_s * (edge - time_s + self.span_s) for edge in (start_s, end_s))
                if x1 > left and x0 < right:
                    on_now = start_s <= time_s <= end_s
                    _bar(image, max(x0, left), y, min(x1, right), y + row, SIDE_RGB[side], 1.0 if on_now else 0.55)
        now = left + per_s * self.span_s
        ends = np.array([(now, box[1] + pad / 2), (now, box[1] + box[3] - pad / 2)])
        _line(image, ends[0], ends[1], WHITE, 0.4 * unit)
        return image


@dataclass(frozen=True)
class Caption:
    """A few words on a plate, top right."""

    size: float = 4.5

    def annotate(self, image: Image, text: str) -> Image:
        """Write the text."""
        unit = unit_px(image)
        size_px, pad = self.size * unit, round(1.5 * unit)
        width, height = _text_size(text, size_px)
        margin = round(2 * unit)
        left = image.shape[1] - margin - width - 2 * pad
        box = _inside(image, (left, margin, width + 2 * pad, height + pad))
        _plate(image, box)
        _text(image, text, box[0] + pad, box[1] + pad // 2, size_px, WHITE)
        return image


@dataclass(frozen=True)
class BannerLine:
    """One verdict as the banner shows it: a mark, the text, the word of the verdict."""

    verdict: Verdict
    text: str


@dataclass(frozen=True)
class Banner:
    """A strip along the bottom of the picture with a verdict per line."""

    size: float = 6.0
    height: float = 9.5

    def annotate(self, image: Image, lines: Sequence[BannerLine]) -> Image:
        """Write the lines, the first on top; without lines there is no strip."""
        if not lines:
            return image
        unit = unit_px(image)
        picture_height, picture_width = image.shape[:2]
        line_height = round(self.height * unit)
        top = picture_height - len(lines) * line_height - round(unit)
        _plate(image, (0, top, picture_width, picture_height - top), radius=0)
        radius = 0.36 * line_height
        left = round(2 * unit + 3 * radius)
        for number, line in enumerate(lines):
            middle = top + (number + 0.5) * line_height + 0.5 * unit
            _mark(image, line.verdict, np.array([2 * unit + 1.2 * radius, middle]), radius)
            said, word = f"{line.text} - ", WORDS[line.verdict]
            size_px = _fitting(said + word, self.size * unit, picture_width - left - 2 * unit)
            width, height = _text_size(said, size_px)
            y = round(middle - height / 2)
            _text(image, said, left, y, size_px, WHITE)
            _text(image, word, left + width, y, size_px, VERDICT_RGB[line.verdict])
        return image


@dataclass(frozen=True)
class Notes:
    """Verdicts under the counter, top left: for who stands upright, whose feet a strip along the bottom would hide."""

    size: float = 4.4
    height: float = 6.6
    top: float = 25.0

    def annotate(self, image: Image, lines: Sequence[BannerLine]) -> Image:
        """Write the lines, the first on top; without lines there is no plate."""
        if not lines:
            return image
        unit = unit_px(image)
        size_px, line_height, margin = self.size * unit, round(self.height * unit), round(2 * unit)
        radius = 0.36 * line_height
        indent = round(3.2 * radius)
        texts = [(f"{line.text} - ", WORDS[line.verdict]) for line in lines]
        width = indent + max(_text_size(said + word, size_px)[0] for said, word in texts) + margin
        box = _inside(image, (margin, round(self.top * unit), width, len(lines) * line_height + margin))
        _plate(image, box, radius=margin)
        for number, (line, (said, word)) in enumerate(zip(lines, texts, strict=True)):
            middle = box[1] + margin / 2 + (number + 0.5) * line_height
            _mark(image, line.verdict, np.array([box[0] + 1.7 * radius, middle]), radius)
            text_width, text_height = _text_size(said, size_px)
            left, top = box[0] + indent, round(middle - text_height / 2)
            _text(image, said, left, top, size_px, WHITE)
            _text(image, word, left + text_width, top, size_px, VERDICT_RGB[line.verdict])
        return image


@dataclass(frozen=True)
class AthleteBox:
    """A frame around the athlete who was measured."""

    rgb: Rgb = (72, 176, 255)
    width: float = 0.6

    def annotate(self, image: Image, box_px: tuple[float, float, float, float], label: str = "") -> Image:
        """Draw the box (left, top, right, bottom), with a label over its corner if given."""
        corners = np.array([(box_px[0], box_px[1]), (box_px[2], box_px[3])])
        if not _drawable(image, corners).all():
            return image
        unit = unit_px(image)
        (left, top), (right, bottom) = corners
        outline = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
        for rgb, width in ((INK, self.width + 0.6), (self.rgb, self.width)):
            for a, b in pairwise(outline):
                _line(image, a, b, rgb, width * unit)
        if label:
            size_px, pad = 4.5 * unit, round(unit)
            width_px, height_px = _text_size(label, size_px)
            wanted = (round(left), round(top - height_px - pad), width_px + 2 * pad, height_px + pad)
            box = _inside(image, wanted)
            _plate(image, box)
            _text(image, label, box[0] + pad, box[1] + pad // 2, size_px, WHITE)
        return image


# -- strokes -------------------------------------------------------------------------------------------------


def _drawable(image: Image, points_px: Points) -> NDArray[np.bool_]:
    """Points that are known and not absurdly far outside the picture, shape (n_points,)."""
    reach = FAR_OUT * max(image.shape[:2])
    return np.asarray((np.isfinite(points_px) & (np.abs(np.nan_to_num(points_px)) <= reach)).all(-1))


def _sub_pixel(point: Points) -> tuple[int, int]:
    x, y = np.rint(np.asarray(point, np.float64) * (1 << SHIFT)).astype(int)
    return int(x), int(y)


def _line(image: Image, a: Points, b: Points, rgb: Rgb, width_px: float) -> None:
    cv2.line(image, _sub_pixel(a), _sub_pixel(b), rgb, max(1, round(width_px)), cv2.LINE_AA, SHIFT)


def _disc(image: Image, centre: Points, rgb: Rgb, radius_px: float) -> None:
    radius = max(1, round(radius_px * (1 << SHIFT)))
    cv2.circle(image, _sub_pixel(centre), radius, rgb, cv2.FILLED, cv2.LINE_AA, SHIFT)


def _bar(image: Image, x0: float, y0: float, x1: float, y1: float, rgb: Rgb, cover: float) -> None:
    """Fill an upright box, with ends between two pixels as well."""
    left, right = int(np.floor(x0)), int(np.ceil(x1))
    shares = np.clip(np.minimum(np.arange(left, right) + 1, x1) - np.maximum(np.arange(left, right), x0), 0, 1)
    box = np.tile((255 * cover * shares).astype(np.uint8), (max(round(y1) - round(y0), 1), 1))
    _blend(image, box, left, round(y0), rgb)


def _arrow(image: Image, middle: Points, size_px: float, points_left: bool, rgb: Rgb) -> None:
    """Fill an arrow head."""
    way = -1 if points_left else 1
    corners = middle + 0.5 * size_px * np.array([(way, 0), (-0.7 * way, -0.8), (-0.7 * way, 0.8)])
    cv2.fillPoly(image, [np.array([_sub_pixel(corner) for corner in corners])], rgb, cv2.LINE_AA, SHIFT)


def _mark(image: Image, verdict: Verdict, centre: Points, radius_px: float) -> None:
    """Tick, question mark, cross or dash on a disc: the verdict without its colour."""
    _disc(image, centre, VERDICT_RGB[verdict], radius_px)
    if verdict == "check":
        size_px = 1.5 * radius_px
        width, height = _text_size("?", size_px)
        x, y = centre - np.array([width, height]) / 2
        _text(image, "?", round(x), round(y), size_px, INK)
        return
    for a, b in _STROKES[verdict]:
        _line(image, centre + radius_px * np.array(a), centre + radius_px * np.array(b), INK, 0.24 * radius_px)


_Stroke = tuple[tuple[float, float], tuple[float, float]]
_STROKES: Final[dict[Verdict, tuple[_Stroke, ...]]] = {
    "good": (((-0.45, 0.02), (-0.12, 0.38)), ((-0.12, 0.38), (0.48, -0.36))),
    "fault": (((-0.38, -0.38), (0.38, 0.38)), ((-0.38, 0.38), (0.38, -0.38))),
    "not_judged": (((-0.42, 0.0), (0.42, 0.0)),),
}

# -- plates and text -----------------------------------------------------------------------------------------

Box = tuple[int, int, int, int]  # left, top, width, height [px]


def _inside(image: Image, box: Box) -> Box:
    """Move the box into the picture as far as it fits."""
    left, top, width, height = box
    left = max(0, min(left, image.shape[1] - width))
    return left, max(0, min(top, image.shape[0] - height)), width, height


def _plate(image: Image, box: Box, radius: int | None = None) -> None:
    """Darken a rounded box so that light text on it can be read."""
    left, top, width, height = box
    _blend(image, _rounded(width, height, round(0.18 * height) if radius is None else radius), left, top, INK)


@lru_cache(maxsize=64)
def _rounded(width: int, height: int, radius: int) -> Image:
    width, height = max(width, 1), max(height, 1)  # Pillow refuses a box of nothing
    canvas = PillowImage.new("L", (width, height))
    ImageDraw.Draw(canvas).rounded_rectangle((0, 0, width - 1, height - 1), radius, fill=178)
    return np.asarray(canvas)


def _text(image: Image, text: str, left: int, top: int, size_px: float, rgb: Rgb) -> None:
    _blend(image, _written(text, _whole(size_px)), left, top, rgb)


def _text_size(text: str, size_px: float) -> tuple[int, int]:
    height, width = _written(text, _whole(size_px)).shape
    return width, height


def _fitting(text: str, size_px: float, room_px: float) -> float:
    """Largest text size up to `size_px` with which the text fits."""
    width = _text_size(text, size_px)[0]
    return size_px if width <= room_px else size_px * max(room_px, 1) / width


def _whole(size_px: float) -> int:
    return max(LEAST_TEXT_PX, int(size_px))


@lru_cache(maxsize=512)
def _written(text: str, size_px: int) -> Image:
    """Coverage of a line of text, 0 to 255, shape (height of the line, width of the text).

    Pillow writes it because OpenCV's own letters have no degree sign and are hard to read when small.
    """
    font = _font(size_px)
    bold = size_px // 48  # the letters of the font are thin when large
    width = int(np.ceil(font.getlength(text))) + 2 * bold + 1
    ascent, descent = font.getmetrics()
    canvas = PillowImage.new("L", (max(width, 1), ascent + descent))
    ImageDraw.Draw(canvas).text((bold, 0), text, fill=255, font=font, stroke_width=bold, stroke_fill=255)
    return np.asarray(canvas)


@lru_cache(maxsize=64)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("this build of Pillow cannot scale text: install it with FreeType (pip install pillow)")
    return font


def _blend(image: Image, cover: Image, left: int, top: int, rgb: Rgb) -> None:
    """Lay a colour over the picture as far as it is covered; what hangs over the edge is cut off."""
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + cover.shape[1], image.shape[1]), min(top + cover.shape[0], image.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = image[y0:y1, x0:x1]
    weight = cover[y0 - top : y1 - top, x0 - left : x1 - left, None].astype(np.float32) / 255
    part[:] = np.rint(part + weight * (np.array(rgb, np.float32) - part)).astype(np.uint8)
