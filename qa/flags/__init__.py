"""Marketing flags: which words of a text sell, what kind they are and what they are measured by."""

from qa.flags.commercial import commercial_weight
from qa.flags.find import find, find_in
from qa.flags.publisher_marks import marked_claims

__all__ = ["commercial_weight", "find", "find_in", "marked_claims"]
