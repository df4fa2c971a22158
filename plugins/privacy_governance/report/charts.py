"""Plots as inline SVG in the page's own colours: no script, no font, no address, the same bytes each time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

if TYPE_CHECKING:
    from collections.abc import Sequence

# matplotlib knows no CSS: these stand for the page's colours, light and dark, until the SVG is written
INKS = {"#010101": "var(--text)", "#020202": "var(--soft)", "#030303": "var(--link)", "#040404": "var(--line)"}
TEXT, SOFT, BAR, LINE = INKS
WIDTH, HEIGHT = 7.6, 2.7  # inches
UNWANTED = {"metadata", "defs"}
NAMESPACED = "}"


def bars(
    title: str, labels: Sequence[str], values: Sequence[float], *, x_label: str, y_label: str, counts: bool = True
) -> Markup:
    """Return an SVG of vertical bars, each with its value above it; `title` is what a screen reader says.

    With `counts`, the axis has whole numbers only.
    """
    with mpl.rc_context(
        {
            "svg.fonttype": "none",  # text stays text: selectable, and in the page's font
            "axes.edgecolor": LINE,
            "axes.labelcolor": SOFT,
            "xtick.labelcolor": TEXT,
            "ytick.labelcolor": TEXT,
            "font.size": 10,
        }
    ):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = figure.add_subplot()
        drawn = axes.bar(range(len(values)), values, color=BAR, width=0.7, clip_on=False)
        written = [f"{value:,.0f}" if counts else f"{value:,.3g}" for value in values]
        axes.bar_label(drawn, labels=written, color=TEXT, padding=2)
        axes.set_xticks(range(len(labels)), labels)
        axes.set_xlim(-0.6, max(len(values), 4) - 0.4)
        axes.set_ylim(0, max([*values, 1]) * 1.15)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=counts))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if counts else f"{value:g}"))
        axes.tick_params(left=False, bottom=False)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_clip_on(False)
        figure.patch.set_visible(False)
        axes.patch.set_visible(False)
        written_svg = io.BytesIO()
        figure.savefig(written_svg, format="svg")
    return _inline(written_svg.getvalue(), title)


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
