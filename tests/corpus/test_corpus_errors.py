"""How a program ends: one sentence and a code, the same for every entry point."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import BijsluiterError, QuestionError, as_exit_code

ROOT = Path(__file__).parents[2]
ROOMS = ("corpus", "index", "qa", "eval", "chat", "cli")
# Processes of a bench, which tells their last line itself.
PHASES = {"eval/bench/work.py", "eval/bench/scale_work.py"}


class _OtherError(BijsluiterError):
    exit_code = 3


@pytest.mark.parametrize("error", [QuestionError("Ask something."), _OtherError("Mend it.")])
def test_an_error_of_ours_is_one_sentence_and_its_code(
    error: BijsluiterError, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, as_exit_code():
        raise error
    assert ended.value.code == error.exit_code
    assert capsys.readouterr() == ("", f"bijsluiter: {error}\n")


def test_being_stopped_is_130_and_anything_else_is_left_as_it_is() -> None:
    with pytest.raises(SystemExit) as ended, as_exit_code():
        raise KeyboardInterrupt
    assert ended.value.code == 130
    with pytest.raises(ZeroDivisionError), as_exit_code():
        raise ZeroDivisionError
    with pytest.raises(SystemExit) as ended, as_exit_code():
        raise SystemExit(1)
    assert ended.value.code == 1
    with as_exit_code():
        pass


def test_every_entry_point_ends_so() -> None:
    files = [ROOT / "app.py", *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]
    entries = {
        file.relative_to(ROOT).as_posix(): file.read_text("utf-8")
        for file in files
        if file.name == "__main__.py" or '__name__ == "__main__"' in file.read_text("utf-8")
    }
    assert len(entries) > len(PHASES) and set(entries) >= PHASES
    assert not [
        name for name, text in entries.items() if ("as_exit_code" in text) == (name in PHASES)
    ]
