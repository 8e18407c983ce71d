"""Training: what an example becomes, and that a killed run ends as if it had not been killed."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers import AutoTokenizer, BertForQuestionAnswering

from corpus.errors import ModelError
from qa.reader import weights
from qa.reader.train.__main__ import main
from qa.reader.train.augment import Augmenter, Mix, mix_words, window
from qa.reader.train.batches import collate, encode
from qa.reader.train.examples import Example, training_examples
from qa.reader.train.lexicon import learn
from qa.reader.train.loop import CHECKPOINT, EXPORT, Plan
from qa.reader.train.pairs import alignment
from qa.reader.train.publish import averaged, fit_calibration
from qa.reader.train.sisters import Sisters
from qa.reader.train.training import Recipe, train

PASSAGE = "De bij is geel. Zij leeft in een kast. Honing is zoet! Was is hard. De imker is blij."
EXAMPLE = Example("Wat is zoet?", PASSAGE, (39, 45), "Bijen", "Bijen", "nl")


@given(st.integers(1, 120), st.integers(0, 50))
def test_a_window_keeps_the_answer_and_whole_sentences(length: int, seed: int) -> None:
    cut = window(EXAMPLE, length, random.Random(seed))
    assert cut.answer is not None
    assert cut.passage[slice(*cut.answer)] == "Honing"
    assert cut.passage in PASSAGE
    assert cut.passage[0].isupper() and cut.passage[-1] in ".!"
    assert len(cut.passage) <= max(length, len("Honing is zoet!"))


@settings(max_examples=60)
@given(st.floats(0, 1), st.integers(0, 99))
def test_mixing_words_keeps_track_of_the_answer(share: float, seed: int) -> None:
    lexicon = {
        "honey": (("honing",), (1.0,)),
        "is": (("wordt",), (1.0,)),
        "sweet": (("zoet", "suikerzoet"), (0.5, 0.5)),
    }
    text = "All honey is sweet, is it?"
    mixed, span = mix_words(text, (4, 18), share, lexicon, random.Random(seed))
    assert span is not None
    words = mixed[slice(*span)].split()
    assert words[0] in ("honey", "honing")
    assert words[1] in ("is", "wordt")
    assert words[2] in ("sweet", "zoet", "suikerzoet")
    assert len(words) == 3


def test_the_lexicon_learns_from_pairs() -> None:
    english = ["the house", "the book", "a book", "a house", "the tree"] * 3
    dutch = ["het huis", "het boek", "een boek", "een huis", "het boompje"] * 3
    lexicon = learn(zip(english, dutch, strict=True))
    assert lexicon["house"][0][0] == "huis"
    assert lexicon["book"][0][0] == "boek"


def test_made_up_silence_lacks_the_answer(tiny_data: Path) -> None:
    examples = [example for example, _ in training_examples(tiny_data)]
    augmenter = Augmenter(examples, {}, replace(Mix(), no_answer=1.0, shortest=5))
    made = [augmenter(example, random.Random(i)) for i, example in enumerate(examples)]
    silent = [(e, m) for e, m in zip(examples, made, strict=True) if m.answer is None]
    assert len(silent) > len(examples) / 2
    for example, silence in silent:
        assert example.answer is not None
        answer = example.passage[slice(*example.answer)]
        assert answer not in silence.passage or silence.question != example.question


def test_a_question_about_something_else_is_made_in_each_way() -> None:
    passage = (
        "In 1912 the first bees came to Texel. In 1950 Marie de Wit sold honey in Lemmer there."
    )
    example = Example("When did the first bees come to Texel?", passage, (3, 7), "", "Bees", "en")
    other = Example("Where did John Doe keep his wasps?", passage, None, "", "Bees", "en")
    augmenter = Augmenter([example, other] * 30, {}, replace(Mix(), no_answer=1.0, title=0.0))
    augmenter.common = set()
    asked = {augmenter._other_question(example, random.Random(i)) for i in range(200)}
    questions = {made.question for made in asked if made and made.answer is None}
    assert "When did the last bees come to Texel?" in questions  # its contrary
    assert "When did the first bees come to Lemmer?" in questions  # a name of another sentence
    assert "When did the first wasps come to Texel?" in questions  # a word that is not there
    assert example.question not in questions


WORDNET = {  # a licence line, four kinds of insect, one of bird; open and its contrary
    "data.noun": """  1 This software and database is being provided to you
00000100 05 n 02 insect 0 bug 0 000 | six legs
00000200 05 n 01 bee 0 001 @ 00000100 n 0000 | makes honey
00000300 05 n 02 wasp 0 yellow_jacket 0 001 @ 00000100 n 0000 | stings
00000400 05 n 01 hornet 0 001 @ 00000100 n 0000 | is rare here
00000500 05 n 01 blue_fly 0 001 @ 00000100 n 0000 | two words
00000600 05 n 01 Texel 0 001 @i 00000700 n 0000 | an island
00000700 05 n 01 island 0 000 | in the sea
00000800 05 n 01 Vlieland 0 001 @i 00000700 n 0000 | another
""",
    "index.noun": """  1 This software and database is being provided to you
bee n 1 1 @ 1 0 00000200
wasp n 1 1 @ 1 0 00000300
texel n 1 1 @i 1 0 00000600
""",
    "data.adj": """00000100 00 a 01 open(a) 0 001 ! 00000200 a 0101 | not shut
00000200 00 a 01 shut 0 001 ! 00000100 a 0101 | not open
00000300 00 s 01 ajar 0 001 & 00000100 a 0000 | a little open
""",
    "index.adj": """open a 1 1 ! 1 1 00000100
ajar a 1 1 & 1 0 00000300
""",
}


@pytest.fixture
def wordnet(tmp_path: Path) -> Path:
    for name, text in WORDNET.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_sisters_are_of_one_kind_and_known(wordnet: Path) -> None:
    known = {"bee", "bees", "wasp", "wasps", "insect", "vlieland", "shut", "open"}
    sisters = Sisters(wordnet, known)
    assert sisters.of("bee") == ("wasp",)
    assert sisters.of("bees") == ("wasps",)  # in the form that was asked
    assert sisters.of("texel") == ("vlieland",)
    assert sisters.of("open") == ("shut",)
    assert sisters.of("ajar") == ("shut",)  # by what it is like
    assert sisters.of("unheard") == ()
    assert Sisters(wordnet / "nowhere", known).of("bee") == ()


def test_a_sister_takes_a_words_place_in_question_passage_or_both(wordnet: Path) -> None:
    passage = "In 1912 the first bees came to the island. There the bees, or Bees, made honey."
    start = passage.index("the bees, or")
    answer = (start, start + len("the bees, or Bees"))
    example = Example("Who of the bees made honey?", passage, answer, "", "Bees", "en")
    other = Example("Where did wasps go?", "All the wasps went.", None, "", "Wasps", "en")
    augmenter = Augmenter([example, other] * 30, {}, Mix(), wordnet)
    augmenter.common = set()
    augmenter.sisters = Sisters(wordnet, {"bees", "wasps"})
    rng = random.Random(1)
    assert augmenter._sister(example, rng) == "Who of the wasps made honey?"
    changed = augmenter._changed_passage(example, rng)
    assert changed is not None and changed.answer is None
    assert changed.question == example.question
    assert "bees" not in changed.passage.lower() and changed.passage.count("asps") == 3
    both = augmenter._changed_in_both(example, rng)
    assert both is not None and both.answer is not None
    assert both.question == "Who of the wasps made honey?"
    assert both.passage[slice(*both.answer)] == "the wasps, or Wasps"


def test_rows_mark_the_answer(tiny_encoder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_encoder)
    rows = encode(tokenizer, [EXAMPLE, replace(EXAMPLE, answer=None)], longest=160)
    batch = collate(rows, tokenizer.pad_token_id)
    marked = batch.input_ids[0, batch.starts[0] : batch.ends[0] + 1]
    assert "".join(tokenizer.convert_ids_to_tokens(marked)).replace("▁", " ").strip() == "Honing"
    assert (int(batch.starts[1]), int(batch.ends[1])) == (0, 0)
    shown = "".join(tokenizer.convert_ids_to_tokens(batch.input_ids[0, batch.allowed[0]]))
    assert shown.replace("▁", " ").removeprefix("<s>").strip() == PASSAGE.replace("!", "<unk>")


def test_an_answer_beyond_the_window_is_left_out(tiny_encoder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_encoder)
    assert encode(tokenizer, [EXAMPLE], longest=40) == []


def test_the_rate_rises_and_falls() -> None:
    plan = Plan(steps=100, minutes=None, warmup=0.1)
    factors = [plan.factor(plan.progress(step, 0.0)) for step in range(101)]
    assert factors[5] == pytest.approx(0.5)
    assert max(factors) == 1.0 == factors[10]
    assert factors[100] == 0.0
    assert Plan(steps=100, minutes=1.0).progress(10, 30.0) == 0.5


def test_calibration_finds_the_curve() -> None:
    rng = random.Random(3)
    margins = [rng.uniform(-8, 8) for _ in range(4000)]
    right = [rng.random() < 1 / (1 + 2.718281828 ** -(0.7 * m - 1.0)) for m in margins]
    scale, offset = fit_calibration(margins, right)
    assert scale == pytest.approx(0.7, abs=0.1)
    assert offset == pytest.approx(-1.0, abs=0.2)


def test_translations_are_drawn_together(tiny_encoder: Path) -> None:
    """Two sentences apart at first: the loss falls as they are trained on, and never by itself."""
    pairs = [("the old town", "stad"), ("the river", "water"), ("built", "geel"), ("is", "bij")]
    torch.manual_seed(3)
    model = BertForQuestionAnswering.from_pretrained(tiny_encoder)
    loss = alignment(model, AutoTokenizer.from_pretrained(tiny_encoder), pairs, 4, seed=1)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    first = float(loss(0).detach())
    assert float(loss(0).detach()) == first
    for step in range(60):
        optimiser.zero_grad()
        torch.autograd.backward(loss(step))
        optimiser.step()
    assert float(loss(0).detach()) < first / 2


def test_pairs_that_are_missing_are_named(
    tiny_encoder: Path, tiny_data: Path, tmp_path: Path
) -> None:
    recipe = Recipe(Plan(1, None), frozen_layers=1, aligned=0.1)
    examples = training_examples(tiny_data)
    with pytest.raises(ModelError, match="no Tatoeba pairs"):
        train(recipe, examples, tiny_data, tiny_encoder, tmp_path, lambda line: None)


def test_no_data_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no training data"):
        training_examples(tmp_path)


def test_published_weights_are_trained_further(
    tiny_encoder: Path, tiny_data: Path, tmp_path: Path
) -> None:
    """With a rate of almost nothing they stay what they were, which the bare encoder's do not.

    So they do where layers are trained that were held before, and begin as the encoder's.
    """
    common = ["--data", str(tiny_data), "--encoder", str(tiny_encoder), "--batch", "8"]
    first = tmp_path / "first"
    assert main([*common, "--out", str(first), "--steps", "30", "--frozen-layers", "1"]) == 0
    encoder = BertForQuestionAnswering.from_pretrained(tiny_encoder).state_dict()
    total = hashlib.sha256((first / EXPORT).read_bytes()).hexdigest()
    weights.write_card(first, weights.Card(total, weights.digest(encoder, 1), 1, (1.0, 0.0)))
    before = weights.unpack(load_file(first / EXPORT))
    start = [*common, "--start", str(first), "--steps", "1", "--rate", "1e-9"]
    for held, out in ((1, tmp_path / "further"), (0, tmp_path / "deeper")):
        assert main([*start, "--out", str(out), "--frozen-layers", str(held)]) == 0
        after = weights.unpack(load_file(out / EXPORT))
        assert (after.keys() > before.keys()) == (held == 0)
        for name, value in after.items():
            if "qa_outputs" not in name:
                tolerance = 1e-5 if name in before else 1e-3  # put in bytes for the first time
                assert torch.allclose(before.get(name, encoder[name]), value, atol=tolerance), name
    with pytest.raises(ModelError, match="give --frozen-layers 1 or fewer"):
        main([*start, "--out", str(tmp_path / "none"), "--frozen-layers", "2"])


def _alike(one: Path, other: Path) -> bool:
    """Whether two exports hold the same weights, to the bit."""
    ours, theirs = load_file(one), load_file(other)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[n], theirs[n]) for n in ours)


def test_dropout_is_what_the_command_says(
    tiny_encoder: Path, tiny_data: Path, tmp_path: Path
) -> None:
    """Two runs without are the same to the bit; with it they are others."""
    common = ["--data", str(tiny_data), "--encoder", str(tiny_encoder), "--frozen-layers", "1"]
    common += ["--steps", "3", "--batch", "8", "--threads", "1"]
    runs = []
    for number, share in enumerate(["0", "0", "0.5"]):
        out = tmp_path / str(number)
        assert main([*common, "--out", str(out), "--dropout", share]) == 0
        runs.append(out / EXPORT)
    assert _alike(runs[0], runs[1])
    assert not _alike(runs[0], runs[2])


def test_a_share_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--data", "x", "--out", "x", "--steps", "1", "--dropout", "1"])
    assert "--dropout is a share: give a number from 0 to below 1" in capsys.readouterr().err


def test_a_killed_run_goes_on(tiny_encoder: Path, tiny_data: Path, tmp_path: Path) -> None:
    """SIGKILL after a checkpoint, then the same command: the same weights, to the bit."""

    def options(out: Path) -> list[str]:
        return [
            *("--data", str(tiny_data), "--out", str(out), "--encoder", str(tiny_encoder)),
            *("--steps", "150", "--batch", "8", "--frozen-layers", "1", "--threads", "1"),
            *("--save-seconds", "0.1"),
        ]

    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = subprocess.Popen([sys.executable, "-m", "qa.reader.train", *options(killed)])
    deadline = time.monotonic() + 120
    while not (killed / CHECKPOINT).exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    assert main(options(killed)) == 0
    assert main(options(whole)) == 0
    assert _alike(killed / EXPORT, whole / EXPORT)


def test_two_readers_are_averaged_layer_by_layer() -> None:
    """A layer that only the run trained lies between the run's and the encoder's own."""
    run = {"a": torch.zeros(2), "b": torch.ones(2), "c": torch.zeros(2)}
    others = {"a": torch.ones(2), "b": torch.ones(2)}
    given = {"b": torch.full((2,), 9.0), "c": torch.full((2,), 4.0), "d": torch.zeros(2)}
    between = averaged(run, others, 0.25, given)
    assert {name: value.tolist() for name, value in between.items()} == {
        "a": [0.25, 0.25],
        "b": [1.0, 1.0],
        "c": [1.0, 1.0],
    }
    with pytest.raises(ModelError, match="--frozen-layers"):
        averaged(others, run, 0.5, given)
