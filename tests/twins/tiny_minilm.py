"""A BERT of a few hundred random weights, in the files and the layout of the real package."""

import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

WIDTH, HEADS, LAYERS, INNER, POSITIONS = 8, 2, 2, 16, 64
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "bees", "carry", "honey", "boats", "dive", "below")
WORDS += ("##s", "ice", "##berg", ".", "the")
CONFIG = {
    "hidden_size": WIDTH,
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "layer_norm_eps": 1e-12,
}


def write_package(folder: Path, seed: int = 7) -> Path:
    """An importable package with its model; gives the model's folder."""
    model = folder / "model"
    model.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError('only its files are wanted')\n")
    (model / "config.json").write_text(json.dumps(CONFIG))
    (model / "tokenizer.json").write_text(_tokenizer().to_str())
    write_tensors(model / "model.safetensors", random_tensors(seed))
    return model


def random_tensors(seed: int = 7) -> dict[str, np.ndarray]:
    """Weights by the names of the real file."""
    rng = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        **_pair("embeddings.LayerNorm", WIDTH),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= _pair(f"{name}.attention.{part}", WIDTH, WIDTH)
        shapes |= _pair(f"{name}.attention.output.LayerNorm", WIDTH)
        shapes |= _pair(f"{name}.intermediate.dense", INNER, WIDTH)
        shapes |= _pair(f"{name}.output.dense", WIDTH, INNER)
        shapes |= _pair(f"{name}.output.LayerNorm", WIDTH)
    # A large bias of the last layer would make all texts alike.
    return {
        name: (rng.normal(size=shape) * (0.05 if name.endswith("bias") else 1)).astype("<f4")
        for name, shape in shapes.items()
    }


def write_tensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """Safetensors as written by the real library, with a tensor of whole numbers that nobody needs."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    content = b""
    ids = np.arange(POSITIONS, dtype="<i8")[None]
    for name, values in {"embeddings.position_ids": ids, **tensors}.items():
        raw = values.tobytes()
        header[name] = {
            "dtype": "I64" if values.dtype.kind == "i" else "F32",
            "shape": list(values.shape),
            "data_offsets": [len(content), len(content) + len(raw)],
        }
        content += raw
    written = json.dumps(header).encode()
    written += b" " * (-len(written) % 8)
    path.write_bytes(len(written).to_bytes(8, "little") + written + content)


def _pair(name: str, *shape: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(WordPiece({w: n for n, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    # As in the real file; both have to be undone.
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding(length=128)
    return tokenizer
