"""Progress for people: what is done, how far, and at what rate."""

from __future__ import annotations

import pytest

from index._progress import StderrProgress


def test_the_rate_is_told_once_there_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr("index._progress.time.monotonic", lambda: now[0])
    progress = StderrProgress()
    for done, seconds in ((0, 0.0), (500, 0.5), (1000, 0.5), (4000, 3.0)):
        now[0] += seconds
        progress("Embedding", done, 4000)
    progress("Writing the index", 0, 1)
    assert capsys.readouterr().err.splitlines() == [
        "Embedding: 0 %",
        "Embedding: 10 %",
        "Embedding: 20 % (1,000/s)",
        "Embedding: 100 % (1,000/s)",
        "Writing the index: 0 %",
    ]
