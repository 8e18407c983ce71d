"""Every error a user can meet has one parent, and a message of one sentence that says the mend.

BijsluiterError            the parent; ``exit_code`` 2
├── CorpusError            an article or sources.toml cannot be read
├── StoreError             an index is missing, damaged or made by another model
├── ModelError             the encoder or reader is missing, damaged or cannot be prepared
├── QuestionError          a question cannot be answered as asked (empty, too long, other language)
└── EvaluationError        a questions or result file is malformed
"""


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
