"""Plots as inline SVG in the page's own colours: no script, no font, no address, the same bytes each time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

# matplotlib knows no CSS: these stand for the page's colours, light and dark, until the SVG is written
INKS = {"#010101": "var(--text)", "#020202": "var(--soft)", "#030303": "var(--link)", "#040404": "var(--line)"}
TEXT, SOFT, BAR, LINE = INKS
WIDTH, MARGIN, ROW = 5.1, 0.45, 0.28  # inches of 72 pixels
ROOM = 1.18  # of the longest bar, for the value behind it
UNWANTED = {"metadata", "defs"}
NAMESPACED = "}"


def bars(
    title: str, labels: Sequence[str], values: Sequence[float], *, measure: str, longest: float | None = None
) -> Markup:
    """Return an SVG of a bar a row, its label before it and its value behind; `title` is what a screen reader says.

    `measure` says what a bar's length counts, `longest` which value fills the width: the largest one, if not given.
    As wide as a phone, so that its text is never set smaller than it is.
    """
    with mpl.rc_context(
        {
            "svg.fonttype": "none",  # text stays text: selectable, and in the page's font
            "axes.edgecolor": LINE,
            "axes.labelcolor": SOFT,
            "ytick.labelcolor": TEXT,
            "font.size": 10,
        }
    ):
        figure = Figure(figsize=(WIDTH, MARGIN + ROW * len(values)), layout="constrained")
        axes = figure.add_subplot()
        drawn = axes.barh(range(len(values)), values, color=BAR, height=0.7, clip_on=False)
        axes.bar_label(drawn, labels=[told(value) for value in values], color=TEXT, padding=4)
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()  # the first on top
        axes.set_xlim(0, (longest or max([*values, 1])) * ROOM)
        axes.set_xticks([])
        axes.tick_params(left=False)
        axes.set_xlabel(measure, loc="left")
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.spines["left"].set_clip_on(False)
        figure.patch.set_visible(False)
        axes.patch.set_visible(False)
        written = io.BytesIO()
        figure.savefig(written, format="svg")
    return _inline(written.getvalue(), title)


def told(value: float) -> str:
    """Return a count with its thousands apart, anything else to three digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def _inline(svg: bytes, title: str) -> Markup:
    """Return matplotlib's file as an element of the page: no ids that could clash, no namespace, the page's colours."""
    root = ElementTree.fromstring(svg)  # noqa: S314 -- written by matplotlib a moment ago, from numbers
    _bare(root)
    view = root.get("viewBox", "")
    root.attrib.clear()
    root.attrib |= {"viewBox": view, "role": "img", "aria-label": title, "class": "chart"}
    text = ElementTree.tostring(root, encoding="unicode")
    for ink, colour in INKS.items():
        text = text.replace(ink, colour)
    return Markup(text)  # noqa: S704 -- ElementTree has escaped every text and attribute of it


def _bare(element: ElementTree.Element) -> None:
    for child in list(element):
        if _name(child.tag) in UNWANTED:
            element.remove(child)
        else:
            _bare(child)
    element.tag = _name(element.tag)
    for name in [name for name in element.attrib if name in {"id", "clip-path"} or NAMESPACED in name]:
        del element.attrib[name]
    if element.tag == "text":
        kept = [part.strip() for part in element.get("style", "").split(";")]
        element.set("style", "; ".join(part for part in kept if part and not part.startswith(("font-family", "font:"))))
    element.text = (element.text or "").strip() or None
    element.tail = None


def _name(tag: str) -> str:
    return tag.rpartition(NAMESPACED)[2]
