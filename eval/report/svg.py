"""Plots as inline SVG: no script, no font and no network. Colours come from the page's style.

Every function returns an ``<svg>`` with a title for screen readers; text is escaped by ElementTree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

_STYLE = """
svg { background: #fdfcf9; } text { font: 12px system-ui, sans-serif; fill: #1b2a2f; }
.grid { stroke: #d9dcd6; } .even { stroke: #d9dcd6; stroke-dasharray: 4 4; stroke-width: 2; }
.line { fill: none; stroke: #0b6e75; stroke-width: 2; } .dot { fill: #0b6e75; }
"""
_ROW = 22
_LABEL = 320
_PLOT = 340
_SQUARE = 300
_MARGIN = 44
_WIDE = 520
# An image cannot take its colours from the page that shows it.
_ALONE = (
    "svg{background:#fff;font:13px sans-serif}.grid{stroke:#ddd}"
    ".line{fill:none;stroke:#1b5e8c;stroke-width:2}.line-0{stroke-dasharray:2 4}"
    ".line-2{stroke:#8a5a00}.dot{fill:#333}"
)
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Whisker(NamedTuple):
    """A labelled value between 0 and 1 with its interval."""

    label: str
    value: float
    low: float
    high: float


class Bar(NamedTuple):
    """A labelled pair of a usual value and a high one, such as p50 and p95."""

    label: str
    usual: float
    high: float


def whiskers(title: str, rows: Sequence[Whisker]) -> str:
    """Values with their intervals, one below the other, on a scale from 0 to 1."""
    height = _ROW * len(rows) + 34
    svg = _svg(title, _LABEL + _PLOT + 70, height)
    for tick in _TICKS:
        x = _LABEL + tick * _PLOT
        _line(svg, x, 4, x, height - 26, "grid")
        _text(svg, x, height - 8, f"{tick:g}", "middle")
    for number, row in enumerate(rows):
        y = number * _ROW + 16
        _text(svg, _LABEL - 10, y + 4, row.label, "end")
        _line(svg, _LABEL + row.low * _PLOT, y, _LABEL + row.high * _PLOT, y, "range")
        _dot(svg, _LABEL + row.value * _PLOT, y, 4)
        _text(svg, _LABEL + _PLOT + 12, y + 4, f"{row.value:.2f}", "start")
    return _done(svg)


def square(
    title: str,
    across: str,
    up: str,
    line: Sequence[tuple[float, float]],
    dots: Sequence[tuple[float, float, float]] = (),
    diagonal: bool = False,
) -> str:
    """A plot of the unit square: a line, dots ``(x, y, radius)``, and the diagonal if wanted."""
    svg = _svg(title, _SQUARE + 2 * _MARGIN, _SQUARE + 2 * _MARGIN)
    for tick in _TICKS:
        x, y = _at(tick, tick)
        _line(svg, x, _MARGIN, x, _MARGIN + _SQUARE, "grid")
        _line(svg, _MARGIN, y, _MARGIN + _SQUARE, y, "grid")
        _text(svg, x, _MARGIN + _SQUARE + 16, f"{tick:g}", "middle")
        _text(svg, _MARGIN - 8, y + 4, f"{tick:g}", "end")
    if diagonal:
        _line(svg, *_at(0, 0), *_at(1, 1), "even")
    if line:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(*point) for point in line))
        SubElement(svg, "polyline", {"class": "line", "points": points})
    for x, y, radius in dots:
        _dot(svg, *_at(x, y), radius)
    _text(svg, _MARGIN + _SQUARE / 2, 2 * _MARGIN + _SQUARE - 8, across, "middle")
    _text(svg, _MARGIN, _MARGIN - 14, up, "start")
    return _done(svg)


def alone(drawn: str) -> str:
    """A drawing as a file of its own, with the style that a page would give it."""
    head, tail = drawn.split("<title>", 1)
    return f"{head}<style>{_STYLE}</style><title>{tail}\n"


def curves(
    title: str, across: str, up: str, lines: Mapping[str, Sequence[tuple[float, float]]]
) -> str:
    """Named lines over powers of ten, times from 0 to the greatest; an image that stands alone."""
    points = [point for line in lines.values() for point in line]
    low, high = (f(log10(x) for x, _ in points) for f in (min, max))
    most = max(y for _, y in points) * 1.05 or 1.0
    svg = _svg(title, _WIDE + 4 * _MARGIN, _SQUARE + 2 * _MARGIN)
    SubElement(svg, "style").text = _ALONE

    def place(x: float, y: float) -> tuple[float, float]:
        share = (log10(x) - low) / ((high - low) or 1.0)
        return _MARGIN + share * _WIDE, _MARGIN + (1 - y / most) * _SQUARE

    for power in range(ceil(low), floor(high) + 1):
        x, _ = place(10**power, 0)
        _line(svg, x, _MARGIN, x, _MARGIN + _SQUARE, "grid")
        _text(svg, x, _MARGIN + _SQUARE + 16, f"{10**power:,}", "middle")
    for part in _TICKS:
        _, y = place(10**low, part * most)
        _line(svg, _MARGIN, y, _MARGIN + _WIDE, y, "grid")
        _text(svg, _MARGIN - 8, y + 4, f"{part * most:.0f}", "end")
    for number, (name, line) in enumerate(lines.items()):
        kind = f"line line-{number}"
        placed = [place(*point) for point in line]
        ends = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        SubElement(svg, "polyline", {"class": kind, "points": ends})
        for x, y in placed:
            _dot(svg, x, y, 3)
        _text(svg, placed[-1][0] + 10, placed[-1][1] + 4, name, "start")
    _text(svg, _MARGIN + _WIDE / 2, 2 * _MARGIN + _SQUARE - 8, across, "middle")
    _text(svg, _MARGIN, _MARGIN - 14, up, "start")
    return _done(svg)


def bars(title: str, unit: str, rows: Sequence[Bar]) -> str:
    """Usual values as full bars and high ones as thin lines, from 0 to the greatest."""
    most = max((row.high for row in rows), default=0.0) or 1.0
    svg = _svg(title, _LABEL + _PLOT + 150, _ROW * len(rows) + 12)
    for number, row in enumerate(rows):
        y = number * _ROW + 16
        _text(svg, _LABEL - 10, y + 4, row.label, "end")
        _line(svg, _LABEL, y, _LABEL + row.high / most * _PLOT, y, "range")
        SubElement(
            svg,
            "rect",
            {
                "class": "bar",
                "x": str(_LABEL),
                "y": f"{y - 5:.1f}",
                "height": "10",
                "width": f"{row.usual / most * _PLOT:.1f}",
            },
        )
        label = f"{row.usual:.1f} / {row.high:.1f} {unit}"
        _text(svg, _LABEL + _PLOT + 12, y + 4, label, "start")
    return _done(svg)


def _svg(title: str, width: float, height: float) -> Element:
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:g} {height:g}",
            "width": f"{width:g}",
            "role": "img",
        },
    )
    SubElement(svg, "title").text = title
    return svg


def _at(x: float, y: float) -> tuple[float, float]:
    return _MARGIN + x * _SQUARE, _MARGIN + (1 - y) * _SQUARE


def _line(svg: Element, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    SubElement(svg, "line", {"class": kind, **{name: f"{v:.1f}" for name, v in ends.items()}})


def _dot(svg: Element, x: float, y: float, radius: float) -> None:
    SubElement(
        svg, "circle", {"class": "dot", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{radius:.1f}"}
    )


def _text(svg: Element, x: float, y: float, words: str, anchor: str) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    SubElement(svg, "text", place).text = words


def _done(svg: Element) -> str:
    return tostring(svg, encoding="unicode")
