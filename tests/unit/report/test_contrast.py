"""The page's colours can be read by whoever sees little contrast: WCAG 2.2, 1.4.3 (AA), in light, dark and print."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

CSS = files("privacy_governance.report").joinpath("templates/report.css").read_text()
# what is written on what; a wash is behind its own colour and behind text
PAIRS = [
    *((ink, ground) for ink in ("text", "soft", "link", "good", "bad", "wait") for ground in ("page", "raised")),
    *((ink, f"{wash}-wash") for wash in ("good", "bad", "wait") for ink in ("text", "soft", "link", wash)),
]


def palettes():
    light, dark, paper = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    )
    return {"light": light, "dark": dark, "print": light | paper}


def luminance(colour):
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_that_the_definition_gives():
    assert round(contrast("#000000", "#ffffff"), 6) == 21


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_colour_of_text_stands_out_from_what_is_behind_it(scheme):
    palette = palettes()[scheme]
    found = {(ink, ground): contrast(palette[ink], palette[ground]) for ink, ground in PAIRS}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < 4.5} == {}
