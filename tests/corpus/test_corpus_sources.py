"""``sources.toml`` and folders: what is wrong is said in one sentence that names file and key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import corpus
from corpus import CorpusError, Source
from corpus.errors import BijsluiterError
from corpus.sources import load_sources


def write(folder: Path, toml: str) -> None:
    (folder / "a.txt").write_text("Zink is een mineraal.\n", encoding="utf-8")
    (folder / "sources.toml").write_text(toml, encoding="utf-8")


def test_the_shipped_sources_load_with_their_facts() -> None:
    sources = load_sources(corpus.ARTICLES)
    assert len(sources) == 5
    magtein = sources["magtein-blog.txt"]
    assert (magtein.publisher_kind, magtein.sells) == ("brand", ("magnesium L-threonate",))
    assert magtein.provenance["publisher"] == "text"
    assert sources["goedgezond-gezonde-hersenen.txt"].author is None


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('title = "x"', "'title'"),
        ('[source]\nfile = "a.txt"', "[[source]]"),
        ('[[source]]\ntitle = "x"', "'file'"),
        ('[[source]]\nfile = "../a.txt"', "'file'"),
        ('[[source]]\nfile = "/etc/passwd"', "'file'"),
        ('[[source]]\nfile = "b.txt"', "b.txt"),
        ('[[source]]\nfile = "a.txt"\n[[source]]\nfile = "a.txt"', "twice"),
        ('[[source]]\nfile = "a.txt"\npubliser = "x"', "'publiser'"),
        ('[[source]]\nfile = "a.txt"\ntitle = 3', "'title'"),
        ('[[source]]\nfile = "a.txt"\nsells = "x"', "'sells'"),
        ('[[source]]\nfile = "a.txt"\nsells = [1]', "'sells'"),
        ('[[source]]\nfile = "a.txt"\narticles = 0', "'articles'"),
        ('[[source]]\nfile = "a.txt"\narticles = true', "'articles'"),
        ('[[source]]\nfile = "a.txt"\npublisher_kind = "shop"', "'publisher_kind'"),
        ('[[source]]\nfile = "a.txt"\nlanguage = "fr"', "'language'"),
        ('[[source]]\nfile = "a.txt"\nprovenance = { author = "web" }', "'author'"),
        ('[[source]]\nfile = "a.txt"\nprovenance = { file = "web" }', "'file'"),
        ("[[source]", "TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(tmp_path: Path, toml: str, said: str) -> None:
    write(tmp_path, toml)
    with pytest.raises(CorpusError) as caught:
        corpus.load(tmp_path)
    message = str(caught.value)
    assert "sources.toml" in message
    assert said in message
    assert "\n" not in message.strip()


def test_sources_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "sources.toml").write_bytes(b'[[source]]\nfile = "\xff"')
    with pytest.raises(CorpusError, match=r"sources\.toml.*UTF-8"):
        corpus.load(tmp_path)


def test_a_folder_without_sources_gives_empty_facts(tmp_path: Path) -> None:
    (tmp_path / "zink.txt").write_text("Zink is een mineraal.\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("no article", encoding="utf-8")
    (tmp_path / "folder.txt").mkdir()
    (document,) = corpus.load(tmp_path)
    assert document.source == Source(file="zink.txt")
    assert document.name == "zink.txt"
    assert document.articles[0].title == "zink"


def test_a_file_that_sources_do_not_list_is_read_too(tmp_path: Path) -> None:
    write(tmp_path, '[[source]]\nfile = "a.txt"\npublisher = "P"')
    (tmp_path / "b.txt").write_text("Ook dit.\n", encoding="utf-8")
    assert [d.source.publisher for d in corpus.load(tmp_path)] == ["P", ""]


def test_a_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("cafeïne".encode("latin-1"))
    with pytest.raises(CorpusError, match=r"latin\.txt is not UTF-8.*save it as UTF-8"):
        corpus.load(tmp_path)


def test_a_missing_folder_a_file_and_an_empty_folder_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"")
    with pytest.raises(CorpusError, match="does not exist"):
        corpus.load(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="is not a folder"):
        corpus.load(file)
    with pytest.raises(CorpusError, match=r"has no \.txt file"):
        corpus.load(tmp_path)
    with pytest.raises(CorpusError, match=r"known are \.txt"):
        corpus.read(file)
    with pytest.raises(CorpusError, match="does not exist"):
        corpus.read(tmp_path / "nowhere.txt")


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, '[[source]]\nfile = "a.txt"')
    closed = "a.txt"

    def read_bytes(self: Path) -> bytes:
        if self.name == closed:  # root may read anything, so taking the permission tells nothing
            raise PermissionError(13, os.strerror(13))
        return self.open("rb").read()

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    with pytest.raises(BijsluiterError, match=r"a\.txt cannot be read.*permissions"):
        corpus.load(tmp_path)
    closed = "sources.toml"
    with pytest.raises(BijsluiterError, match=r"sources\.toml cannot be read.*permissions"):
        corpus.load(tmp_path)
