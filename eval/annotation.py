"""Making a question by talking: ask, show passages, let the person pick, check, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from eval.gold import Units, occurrences, span, surroundings, trimmed
from eval.lines import Problems
from eval.measures.places import Place, pieces
from eval.questions import LANGUAGES, SILENT_TYPES, TYPES, parse
from qa.answer import CitedPassage

_SHOWN = 10
_NEAR = 60  # characters shown either side of another occurrence


class Talk(Protocol):
    """How a person is asked; the terminal and the tests each have one."""

    def ask(self, prompt: str) -> str:
        """One line of answer, without white space at its edges."""
        ...

    def say(self, text: str) -> None:
        """Show something."""
        ...


@dataclass(frozen=True, slots=True)
class Annotator:
    """What making a question needs: a search, the texts, and where sentences stand in them."""

    search: Callable[[str], Sequence[CitedPassage]]
    detect: Callable[[str], str]
    texts: Mapping[str, str]
    known: Units
    talk: Talk

    def question(self, name: str, asked: str = "") -> dict[str, Any] | None:
        """A valid question in the questions format with ``name`` for its id.

        ``asked`` is the question where it is known already. None when the person gives none, or
        gives up on it.
        """
        asked = asked or self.talk.ask("Question (empty to stop):")
        if not asked:
            return None
        while True:
            value = self._draft(name, asked)
            problems = Problems(name)
            parse(value, self.texts, problems, 0)
            if not problems.found:
                return value
            for _, message in problems.found:
                self.talk.say(f"Not yet right: {message}")
            if not self._yes("Try this question again?"):
                return None

    def _draft(self, name: str, asked: str) -> dict[str, Any]:
        lang = self._choice("Language", LANGUAGES, self.detect(asked))
        type_ = self._choice("Type", TYPES, "fact")
        earlier = self.talk.ask("Earlier question that this one follows (empty for none):")
        value: dict[str, Any] = {
            "id": name,
            "lang": lang,
            "question": asked,
            "type": type_,
            "expected": SILENT_TYPES.get(type_, "answer"),
            **({"history": [earlier]} if earlier else {}),
        }
        passages = list(self.search(f"{earlier} {asked}".strip()))[:_SHOWN]
        for number, passage in enumerate(passages, start=1):
            self.talk.say(f"\n[{number}] {passage.source} · {passage.publisher}\n{passage.text}")
        if type_ in SILENT_TYPES:
            near = self._numbers("Passages that come near without answering", len(passages))
            places = [self._whole(passages[number - 1]) for number in near]
            return {**value, "context_passages": [span(p, self.texts, 2) for p in places]}
        return {**value, **self._gold(passages)}

    def _gold(self, passages: Sequence[CitedPassage]) -> dict[str, Any]:
        """The answers, their passages, and what kind of answer they make together."""
        grades: dict[Place, int] = {}
        for rel, prompt in (
            (2, "Passages that answer on their own"),
            (1, "Passages that answer in part"),
        ):
            for number in self._numbers(prompt, len(passages)):
                for answer in self._words(passages[number - 1], number):
                    for place in (answer, *self._elsewhere(answer)):
                        grades.setdefault(place, rel)
        full = [place for place, rel in grades.items() if rel == 2]
        value: dict[str, Any] = {"match": "any"}
        groups: dict[Place, str] = {}
        if full and self._yes("Is the answer a list of items?"):
            items = [p for place in full for p in pieces(place, self.texts[place.file])]
            value = {"match": "list", "items": [span(p, self.texts, 2) for p in items]}
        elif len(full) > 1 and self._yes("Do these answers contradict one another?"):
            value = {"match": "conflict"}
            groups = {place: self._side(place) for place in full}
        around: dict[Place, int] = {}
        for place, rel in grades.items():
            whole = surroundings(place, self.known)
            around[whole] = max(rel, around.get(whole, 0))
        return {
            **value,
            "answers": [span(p, self.texts, r, groups.get(p, "")) for p, r in grades.items()],
            "passages": [span(p, self.texts, r) for p, r in around.items()],
        }

    def _words(self, passage: CitedPassage, number: int) -> list[Place]:
        """The answering words of a passage, as the person copies them."""
        while True:
            given = self.talk.ask(
                f"Words of [{number}] that answer, copied exactly (empty for all of it):"
            )
            if not given:
                return [self._whole(passage)]
            text = self.texts[passage.source]
            start = text.find(given, passage.start, passage.end)
            if start >= 0:
                return [Place(passage.source, start, start + len(given))]
            self.talk.say("Those words do not stand in the passage; copy them letter for letter.")

    def _elsewhere(self, answer: Place) -> list[Place]:
        """The other places of the same words that the person also takes for an answer."""
        words = self.texts[answer.file][answer.start : answer.end]
        found = []
        for place in occurrences(words, self.texts):
            if place == answer:
                continue
            text = self.texts[place.file]
            near = text[max(0, place.start - _NEAR) : place.end + _NEAR].replace("\n", " ")
            if self._yes(f"Also in {place.file}: …{near}… An answer as well?"):
                found.append(place)
        return found

    def _whole(self, passage: CitedPassage) -> Place:
        place = Place(passage.source, passage.start, passage.end)
        return trimmed(place, self.texts[passage.source])

    def _side(self, place: Place) -> str:
        words = self.texts[place.file][place.start : place.end]
        while not (side := self.talk.ask(f"A short name for the side of “{words}”:")):
            self.talk.say("A side needs a name, such as the number that it gives.")
        return side

    def _numbers(self, prompt: str, most: int) -> list[int]:
        while True:
            given = self.talk.ask(f"{prompt} (numbers, empty for none):").replace(",", " ").split()
            if all(each.isdecimal() and 1 <= int(each) <= most for each in given):
                return [int(each) for each in dict.fromkeys(given)]
            self.talk.say(f"Give numbers from 1 to {most}, with spaces between them.")

    def _choice(self, what: str, choices: Sequence[str], default: str) -> str:
        while True:
            given = self.talk.ask(f"{what}: {', '.join(choices)} [{default}]") or default
            if given in choices:
                return given
            self.talk.say(f"Choose from {', '.join(choices)}.")

    def _yes(self, prompt: str) -> bool:
        return self.talk.ask(f"{prompt} (y/N)").casefold() in ("y", "yes", "j", "ja")
