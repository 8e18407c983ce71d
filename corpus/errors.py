"""Every error a user can meet has one parent, and a message of one sentence that says the mend.

BijsluiterError            the parent; ``exit_code`` 2
├── CorpusError            an article or sources.toml cannot be read
├── StoreError             an index is missing, damaged or made by another model
├── ModelError             the encoder or reader is missing, damaged or cannot be prepared
├── QuestionError          a question cannot be answered as asked (empty, too long, other language)
└── EvaluationError        a questions or result file is malformed
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class BijsluiterError(Exception):
    """Parent of all errors shown to users: one sentence, with the mend in it."""

    exit_code = 2


class CorpusError(BijsluiterError):
    """An article or ``sources.toml`` cannot be read; names the file and, where it fits, the key."""


class StoreError(BijsluiterError):
    """An index is missing, damaged, of another version or made by another model."""


class ModelError(BijsluiterError):
    """The encoder or the reader is missing, damaged or cannot be prepared."""


class QuestionError(BijsluiterError):
    """A question cannot be answered as it was asked."""


class EvaluationError(BijsluiterError):
    """A questions, labels or result file is malformed; the message lists lines."""


@contextmanager
def as_exit_code() -> Iterator[None]:
    """End the program on an error a user can meet: one sentence on stderr, and its exit code.

    Every entry point runs in this. Stopped by the user (Ctrl-C), it ends with 130 and says nothing.
    """
    try:
        yield
    except BijsluiterError as error:
        print(f"bijsluiter: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
