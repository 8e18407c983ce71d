"""The size curve: its corpus, vectors, block and plot; measuring is `make bench-scale`."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import corpus
from eval.bench import generated, scale
from eval.bench.drawn import Drawn
from eval.report import svg
from index.model import Passage
from tests.index.fakes import HashEmbedder

ROOT = Path(__file__).parents[2]


def _passages(count: int, seed: int = 0) -> list[Passage]:
    return [passage for one in generated.documents(count, seed) for passage in one.passages]


@pytest.mark.parametrize("count", [1, 7, 250])
def test_there_are_as_many_passages_as_asked_and_each_is_a_slice(count: int) -> None:
    made = list(generated.documents(count))
    assert sum(len(one.passages) for one in made) == count
    for one in made:
        for passage in one.passages:
            (place,) = passage.places
            assert one.document.text[place.start : place.end] == passage.text
            assert all(passage.text[unit.start : unit.end].strip() for unit in passage.units)
        assert len(one.origins) == sum(len(passage.units) for passage in one.passages)
    assert len({passage.id for one in made for passage in one.passages}) == count


def test_the_same_seed_makes_the_same_and_more_begins_like_less() -> None:
    assert _passages(60) == _passages(60)
    assert _passages(60, seed=1) != _passages(60)
    first = [one.document for one in islice(generated.documents(300), 10)]
    assert [one.document for one in islice(generated.documents(400), 10)] == first


def test_new_words_keep_coming() -> None:
    words = [{word for p in _passages(n) for word in p.text.lower().split()} for n in (200, 800)]
    assert len(words[1]) > 1.4 * len(words[0])


def test_files_are_read_back_as_articles(tmp_path: Path) -> None:
    generated.write(tmp_path, 20)
    made = [one.document for one in generated.documents(20)]
    assert [one.text for one in corpus.load(tmp_path)] == [one.text for one in made]


def test_drawn_vectors_go_with_the_sentences_they_are_made_from(tmp_path: Path) -> None:
    embedder = HashEmbedder(dim=48)
    drawn = Drawn.of(embedder, tmp_path / "real.npz")
    asked = len(embedder.embedded)
    again = Drawn.of(embedder, tmp_path / "real.npz")
    assert len(embedder.embedded) == asked  # encoded once
    made = list(generated.documents(300))
    origins = np.array([number for one in made for number in one.origins])
    sizes = np.array([len(p.units) for one in made for p in one.passages])
    passages, units = drawn.draw(origins, sizes, np.random.default_rng(0))
    assert passages.shape == (300, 48) and units.shape == (len(origins), 48)
    for vectors in (passages, units):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for mine, theirs in zip(
        (passages, units), again.draw(origins, sizes, np.random.default_rng(0)), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_a_phase_makes_an_index_that_can_be_searched(tmp_path: Path) -> None:
    from eval.bench.scale_work import make, recall
    from index.build import check
    from index.embedding import open_embedder

    real = np.random.default_rng(0)
    made = list(generated.documents(1000))
    units = sum(len(one.origins) for one in made)
    dim = open_embedder().dim
    np.savez(
        tmp_path / "real.npz",
        sentences=real.normal(size=(len(generated.sentences()), dim)).astype(np.float32),
        units=real.normal(size=(units, dim)).astype(np.float32),
        passages=real.normal(size=(1000, dim)).astype(np.float32),
    )
    job = {"folder": str(tmp_path / "home"), "cache": str(tmp_path / "real.npz"), "passages": 150}
    figures = make(job)
    assert (figures["method"], figures["trial"]) == ("exact", 1.0)
    assert check(tmp_path / "home") == []
    assert recall({**job, "questions": ["Helpt magnesium bij slaap?"]})["recall"] == 1.0


def test_the_block_and_the_plot_show_every_size() -> None:
    made = {
        **{"texts": 1.0, "words": 2.0, "vectors": 3.0, "publishing": 0.5, "bytes": 4e6},
        **{"method": "codes", "trial": 0.98, "probes": 12, "units": 3000, "peak_bytes": 5e8},
    }
    times = [4.0, 5.0, 6.0]
    found = {
        "open": 0.1,
        "milliseconds": times,
        "encoded_milliseconds": [1.0],
        "resident_bytes": 6e8,
        "mapped_bytes": 4e8,
    }
    sizes = [scale.Size(count, made, found, 0.99) for count in (1000, 50_000)]
    whole = {"texts": 100, "seconds": 10.0, "passages": 30, "peak_bytes": 3e8}
    rates = {"one core": {"1": 2.0, "2": 2.1}, "all cores": {"1": 3.0, "2": 4.0}}
    block = scale._block(sizes, whole, rates)
    row = next(line for line in block.splitlines() if line.startswith("| 50,000 "))
    assert "| codes, 12 looked at again | 5.0 |" in row and "| 0.990 | 0.980 | 600 | 400 |" in row
    assert "|  | 1 asking | 2 asking |" in block
    assert "| one core | 2.00 (1.00) | 2.10 (1.05) |" in block
    assert "| all cores | 3.00 (1.50) | 4.00 (2.00) |" in block
    plot = ElementTree.fromstring(scale._plot(sizes))
    circles = [one for one in plot.iter() if one.tag.endswith("circle")]
    assert len(circles) == 3 * len(sizes)


def test_names_in_a_plot_are_escaped() -> None:
    plot = svg.curves("<b>", "a&b", "c", {"<script>": [(10, 1.0), (1000, 2.0)]})
    assert "<script>" not in plot and "<b>" not in plot
    assert ElementTree.fromstring(plot) is not None


def test_the_command_names_its_options() -> None:
    command = [sys.executable, "-m", "eval.bench.scale", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.dumps(shown).count("--sizes") and "--work" in shown
