"""Figures of Plotly, put together as the plain mappings that they are sent as.

Plotly's own objects check each property as it is set, and all annotations again with each new one: a chart of eight
rows took 22 ms to build, as a mapping that Streamlit has checked once it takes 2. Fonts and colours come from the
Streamlit theme. Charts fit 390 px: there is no zooming, which would catch the finger that scrolls the page, and names
stand above their rows, at any length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ROW = 46  # px: a bar with its name above it
_ABOVE = 0.38  # of a row: from the middle of a bar to that of its name


class Plot:
    """A figure; `spec` is what `st.plotly_chart` takes."""

    def __init__(self) -> None:
        self.spec: dict[str, Any] = {
            "data": [],
            "layout": {
                "xaxis": {"fixedrange": True},
                "yaxis": {"fixedrange": True},
                "annotations": [],
                "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
                "dragmode": False,
                "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            },
        }

    def trace(self, kind: str, **properties: Any) -> None:
        """Add a trace, such as a `bar`; one without a name has none in the legend either."""
        named = {} if "name" in properties else {"showlegend": False}
        self.spec["data"].append({"type": kind, **named, **properties})

    def note(self, **properties: Any) -> None:
        """Add an annotation without an arrow."""
        self.spec["layout"]["annotations"].append({"showarrow": False, **properties})

    def layout(self, **properties: Any) -> None:
        """Set properties of the whole."""
        self.spec["layout"] |= properties

    def legend(self, **properties: Any) -> None:
        """Set properties of the legend."""
        self.spec["layout"]["legend"] |= properties

    def x(self, **properties: Any) -> None:
        """Set properties of the axis."""
        self.spec["layout"]["xaxis"] |= properties

    def y(self, **properties: Any) -> None:
        """Set properties of the axis."""
        self.spec["layout"]["yaxis"] |= properties

    def labels(self, labels: Sequence[tuple[str, str]], top: float) -> None:
        """Write above each row what it is, and at the end of the longest, `top`, how much.

        As a trace, in the order in which it is read: of each annotation Plotly asks the browser how large it is, which
        lays the page out anew every time.
        """
        self.trace(
            "scatter", mode="text", x=[0.0, top] * len(labels),
            y=[row + _ABOVE for row in range(len(labels)) for _ in range(2)],
            text=[part for each in labels for part in each],
            textposition=["middle right", "middle left"] * len(labels), hoverinfo="skip", showlegend=False,
            cliponaxis=False,
        )  # fmt: skip

    def rows(self, number: int, top: float, below: int = 24) -> None:
        """Have axes for so many labelled rows, the longest `top` long; `below` is the room under them in px."""
        self.x(visible=False, range=[0, top])
        self.y(visible=False, range=[-0.4, number - 0.2])
        self.layout(height=max(ROW * number, 2 * ROW) + below)
