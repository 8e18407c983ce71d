"""A unit read: which classes of words stand in it, and questions that the rules put to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from corpus.model import Document, Kind
from qa.flags.lexicon import Nutrient
from qa.flags.patterns import Marks, Span
from qa.flags.units import Unit

# How many words a negation reaches forward, and backward to a verb before it.
_REACH = 9
_REACH_BACK = 5
_REACH_NEAR = 4  # of 'without' and 'no'
_SUBJECT = 6  # a name among the first words is what the sentence is about


class Agent(StrEnum):
    """How the nutrient acts in a unit: named, meant by what came before, lacking, or not at all."""

    NAMED = "named"
    INHERITED = "inherited"
    SHORTAGE = "shortage"
    NONE = "none"


@dataclass(frozen=True)
class Finding:
    """A flag found by a rule: its type, and the words that show it; ``note`` may say more."""

    type: str
    cue: Span
    note: str = ""


@dataclass
class Reading:
    """A unit with its marks. Spans count words of ``unit.tokens``."""

    document: Document
    unit: Unit
    language: str
    nutrient: Nutrient
    marks: Marks
    lead: Reading | None
    heading: Reading | None
    before: Reading | None
    on_nutrient: bool  # whether the article is about the nutrient

    def spans(self, *names: str) -> list[Span]:
        """The stretches of these classes, in order of place."""
        found = [span for name in names for span in self.marks.get(name, ())]
        return sorted(found, key=lambda span: (span.first, span.last))

    def has(self, *names: str) -> bool:
        """Whether any of these classes occurs."""
        return any(name in self.marks for name in names)

    @property
    def text(self) -> str:
        """The unit's own words."""
        return self.document.text[self.unit.start : self.unit.end]

    @property
    def is_title(self) -> bool:
        """Whether this heading is the page's title."""
        unit = self.unit
        return unit.kind is Kind.HEADING and unit.heading is None and unit.article == 0

    @cached_property
    def is_question(self) -> bool:
        """Whether the unit asks; a question claims nothing, 'did you know that' does."""
        if self.has("sense.rhetorical"):
            return False
        return self.text.rstrip(" \"'”’*)").endswith("?")

    @cached_property
    def agent(self) -> Agent:
        """Who or what acts in the unit, as far as the nutrient goes."""
        if self._names_nutrient():
            return Agent.NAMED
        if self.has("agent.repair"):
            return Agent.NAMED
        if self.has("deficiency.term"):
            return Agent.SHORTAGE
        if self.lead is not None and self.continues_lead:
            led = self.lead.agent
            return Agent.INHERITED if led is Agent.NAMED else led
        if self.unit.kind in (Kind.HEADING, Kind.TABLE_HEADER):
            own = self.has("lead.advice", "nutrient.food")
            return Agent.INHERITED if self.on_nutrient and not own else Agent.NONE
        if self.on_nutrient and self.has("agent.together"):
            return Agent.INHERITED
        if self.has("agent.pointing") and self.before is not None:
            return self.before.passed_on
        return Agent.NONE

    @property
    def passed_on(self) -> Agent:
        """The agent that a pronoun in the next sentence means: what this one is about."""
        if self.agent is not Agent.NAMED:
            return self.agent
        names = self.spans("nutrient", "brand.name", "agent.supplement", "agent.same")
        about = not names or names[0].first <= _SUBJECT or self.has("effect.verb", "effect.role")
        return Agent.INHERITED if about else Agent.NONE

    @cached_property
    def continues_lead(self) -> bool:
        """Whether a list item or row goes on with its lead-in's sentence.

        A fragment does ('Betere slaap'), and so does a verb ('Ondersteunt de slaap.'); a sentence
        with its own subject does not, nor an item of a list of habits or tips.
        """
        if self.lead is None or self.lead.has("lead.advice"):
            return False
        fragment = not self.text.rstrip(" *†\"'”’").endswith((".", "!"))
        verbs = self.spans("effect.verb")
        return fragment or (bool(verbs) and verbs[0].first == 0)

    def _names_nutrient(self) -> bool:
        if self.has("brand.name", "agent.supplement", "agent.same"):
            return True
        other = self.spans(
            "nutrient.food",
            "nutrient.loss",
            "nutrient.shortage",
            "deficiency.term",
            "agent.affected",
        )
        medicines = self.spans("medicine.names")
        first_medicine = medicines[0].first if medicines else len(self.unit.tokens)
        return any(
            not any(span.first <= name.first and name.last <= span.last for span in other)
            for name in self.spans("nutrient")
            if name.first < first_medicine
        )

    @cached_property
    def _negations(self) -> list[Span]:
        lifted = self.spans("sense.negation_not")
        return [
            span
            for span in self.spans("sense.negation")
            if not any(other.first <= span.first < other.last for other in lifted)
        ]

    def _starts(self, reach: str) -> set[int]:
        return {span.first for span in self.spans(f"sense.negation_{reach}")}

    def negated(self, span: Span, back: bool = True) -> bool:
        """Whether a negation in the same clause reaches ``span``.

        ``back``: one behind it counts too, as it does for a verb ('helpt niet').
        """
        tokens = self.unit.tokens
        clause = tokens[span.first].clause
        contrasts = [other.first for other in self.spans("sense.contrast")]
        for negation in self._negations:
            if tokens[negation.first].clause != clause:
                continue
            if span.first == negation.first:
                continue  # 'geen gezond brein' is itself what is looked for
            near, far = sorted((negation.first, span.first))
            if any(near < place < far for place in contrasts):
                continue
            ahead = span.first - negation.first
            backward = _REACH_BACK if back and negation.first in self._starts("back") else 0
            forward = _REACH_NEAR if negation.first in self._starts("near") else _REACH
            if -backward <= ahead <= forward:
                return True
        return False

    def open(self, *names: str, back: bool = True) -> list[Span]:
        """The stretches of these classes that no negation reaches."""
        return [span for span in self.spans(*names) if not self.negated(span, back)]


def distance(one: Span, other: Span) -> int:
    """How many words stand between two stretches; 0 where they touch or overlap."""
    return max(one.first - other.last, other.first - one.last, 0)


def pairs(first: Sequence[Span], second: Sequence[Span], reach: int) -> list[tuple[Span, Span]]:
    """Pairs of stretches at most ``reach`` words apart, the closest first."""
    near = [(distance(a, b), a, b) for a in first for b in second if distance(a, b) <= reach]
    near.sort(key=lambda found: (found[0], found[1].first, found[2].first))
    return [(a, b) for _, a, b in near]


def cover(one: Span, other: Span) -> Span:
    """The stretch from the beginning of the earlier to the end of the later."""
    return Span(min(one.first, other.first), max(one.last, other.last))
