"""Bijsluiter's extractive reader: which words of a passage answer a question, or that none do."""

from qa.reader.reading import Reader, Reading
from qa.reader.spans import Span

__all__ = ["Reader", "Reading", "Span"]
