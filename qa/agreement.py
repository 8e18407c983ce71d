"""Do the publishers agree? One publisher is one voice, however many pages it wrote.

Publishers differ when their quotes give other figures for the same thing (300 or 600 enzymatic
reactions). What cannot be compared that way is not called a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa.answer import Agreement, Group, Quote
from qa.figures import asks_figure, figures


def agreement(question: str, quotes: Sequence[tuple[Quote, str, str]]) -> Agreement:
    """How many publishers support the answer, and who gives which figure.

    ``quotes``: each quote with its publisher and the sentence around it, best first.
    """
    publishers = tuple(dict.fromkeys(publisher for _, publisher, _ in quotes))
    groups = _groups(quotes) if asks_figure(question) else ()
    conflict = len(groups) > 1 and len({p for g in groups for p in g.publishers}) > 1
    return Agreement(len(publishers), conflict, groups if conflict else ())


def _groups(quotes: Sequence[tuple[Quote, str, str]]) -> tuple[Group, ...]:
    """Quotes by the figure they give for what the first quote with a figure counts."""
    counted = next((f.counted for _, _, s in quotes for f in figures(s)), None)
    if counted is None:
        return ()
    groups: dict[tuple[float, float], list[tuple[Quote, str]]] = {}
    shown: dict[tuple[float, float], str] = {}
    for quote, publisher, sentence in quotes:
        for figure in figures(sentence):
            if figure.counted == counted:
                groups.setdefault((figure.low, figure.high), []).append((quote, publisher))
                shown.setdefault((figure.low, figure.high), figure.text)
                break
    return tuple(
        Group(
            value=shown[key],
            publishers=tuple(dict.fromkeys(publisher for _, publisher in rows)),
            quotes=tuple(quote for quote, _ in rows),
        )
        for key, rows in groups.items()
    )
