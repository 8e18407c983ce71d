"""Fixtures over the tiny world of ``world.py``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.subject import Subject
from tests.eval.world import SCRIPTS, TEXTS, FakeAssistant, no_flags


@pytest.fixture
def fake() -> FakeAssistant:
    return FakeAssistant(dict(SCRIPTS))


@pytest.fixture
def subject(fake: FakeAssistant) -> Subject:
    return Subject(fake, fake, TEXTS, no_flags, about={"model": "fake"})


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write objects (or raw lines) as a JSON Lines file and give its path."""

    def write_lines(*lines: dict[str, Any] | str, name: str = "questions.jsonl") -> Path:
        path = tmp_path / name
        text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(text) + "\n", "utf-8")
        return path

    return write_lines
