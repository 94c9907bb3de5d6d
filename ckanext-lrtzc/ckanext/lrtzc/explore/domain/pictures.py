"""Small pictures drawn on the server, as SVG: distributions of a column, and plain charts.

Colours come from the page's style sheet by class, so that pictures follow its light and dark schemes; no attribute
holds a style, which the security policy would refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 160, 36
_GAP = 1
_ROW = 26
_LABELS = 190
_PLOT = 400
_VALUES = 130
_LINE_HEIGHT = 220


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def distribution(counts: Sequence[int], label: str) -> str:
    """Draw the number of rows in each class as bars; nothing where there is nothing to draw.

    :param label: what the picture shows, for those who don't see it.
    """
    most = max(counts, default=0)
    if not most:
        return ""
    width = WIDTH / len(counts)
    bars: list[str] = []
    for index, count in enumerate(counts):
        height = max(1.0, HEIGHT * count / most) if count else 0.0
        x, y = index * width, HEIGHT - height
        bars.append(f"M{_number(x)} {_number(y)}h{_number(width - _GAP)}v{_number(height)}h-{_number(width - _GAP)}z")
    return (
        f'<svg class="explore-spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_attribute(label)}" '
        f'preserveAspectRatio="none"><path d="{"".join(bars)}"/></svg>'
    )


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value and the value as written."""

    label: str
    value: float | None
    written: str


def bars(items: Sequence[Bar], label: str) -> str:
    """Draw horizontal bars from zero, each with its label and its value written."""
    known = [item.value for item in items if item.value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    span = (high - low) or 1.0
    zero = _LABELS + _PLOT * (0 - low) / span
    rows: list[str] = []
    for index, item in enumerate(items):
        middle = index * _ROW + _ROW * 0.65
        rows.append(
            f'<text x="{_LABELS - 8}" y="{_number(middle)}" text-anchor="end">{escape(_short(item.label, 24))}</text>'
        )
        end = zero
        if item.value is not None:
            end = _LABELS + _PLOT * (item.value - low) / span
            left, width = min(zero, end), max(1.0, abs(end - zero))
            rows.append(
                f'<rect x="{_number(left)}" y="{index * _ROW + 4}" width="{_number(width)}" height="{_ROW - 8}"/>'
            )
        rows.append(f'<text x="{_number(max(zero, end) + 6)}" y="{_number(middle)}">{escape(item.written)}</text>')
    width, height = _LABELS + _PLOT + _VALUES, len(items) * _ROW
    return (
        f'<svg class="explore-plot" viewBox="0 0 {width} {height}" role="img" aria-label="{_attribute(label)}">'
        f'{"".join(rows)}<line x1="{_number(zero)}" x2="{_number(zero)}" y1="0" y2="{height}"/></svg>'
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def line(items: Sequence[Bar], low_label: str, high_label: str, label: str) -> str:
    """Draw values in their order as a line, broken where one is missing.

    :param low_label: what stands at the foot of the upright axis, and `high_label` at its head.
    """
    known = [item.value for item in items if item.value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    span = (high - low) or 1.0
    width = _LABELS + _PLOT + _VALUES
    left, right, top, bottom = 90, width - 20, 14, _LINE_HEIGHT - 34
    step = (right - left) / max(1, len(items) - 1)
    path: list[str] = []
    dots: list[str] = []
    pen = "M"
    for index, item in enumerate(items):
        if item.value is None:
            pen = "M"
            continue
        x, y = left + index * step, bottom - (bottom - top) * (item.value - low) / span
        path.append(f"{pen}{_number(x)} {_number(y)}")
        if len(items) <= 60:
            dots.append(f'<circle cx="{_number(x)}" cy="{_number(y)}" r="3"/>')
        pen = "L"
    ends = ""
    if items:
        ends = f'<text x="{left}" y="{bottom + 24}">{escape(items[0].label)}</text>'
    if len(items) > 1:
        ends += f'<text x="{right}" y="{bottom + 24}" text-anchor="end">{escape(items[-1].label)}</text>'
    return (
        f'<svg class="explore-plot" viewBox="0 0 {width} {_LINE_HEIGHT}" role="img" aria-label="{_attribute(label)}">'
        f'<line x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>'
        f'<text x="{left - 8}" y="{bottom + 4}" text-anchor="end">{escape(low_label)}</text>'
        f'<text x="{left - 8}" y="{top + 4}" text-anchor="end">{escape(high_label)}</text>'
        f'<path d="{"".join(path)}"/>{"".join(dots)}{ends}</svg>'
    )
