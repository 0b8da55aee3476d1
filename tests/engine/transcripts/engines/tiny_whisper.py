"""A Whisper model small enough to build in a test: megabytes, no training, no download.

`Script` weights make it say a given sentence in every window, one token every `TOKEN_S` seconds, by
positions alone: the decoder's position vectors hold the wanted token in their lower half and the
time it is spoken at in their upper half. The only attention that is not zero compares those times
with the encoder's positions, so that word alignment finds a clean diagonal.
`random` weights exercise the same code with nothing arranged.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

TOKEN_S = 0.3
"""How long the scripted model takes to say a token."""
_WIDTH = 128
_HALF = _WIDTH // 2
_FRAMES = 1500
_FRAME_S = 0.02
_POSITIONS = 448
_MARKS = ("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nocaptions|>")
_EMPTY = "<|empty|>"
"""Written as "" into the vocabulary, by which CTranslate2 knows a multilingual model."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer trained on the script itself, with Whisper's special tokens."""

    tokenizer: Tokenizer
    languages: tuple[str, ...]

    def id(self, token: str) -> int:
        number = self.tokenizer.token_to_id(token)
        assert number is not None, token
        return number

    def encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    @property
    def tokens(self) -> list[str]:
        names = [self.tokenizer.id_to_token(i) for i in range(self.tokenizer.get_vocab_size())]
        return ["" if name == _EMPTY else name for name in names]


def build_scripted(folder: Path, text: str, *, language: str | None = None) -> Path:
    """A model that says `text` in each window. With `language` it is multilingual and detects it."""
    vocabulary = _vocabulary(text, multilingual=language is not None)
    spec = _spec(np.zeros)
    _write_positions(spec, vocabulary, text, language)
    _connect_times(spec.decoder.layer[0].attention)
    return _save(spec, vocabulary, folder)


def build_random(folder: Path, *, seed: int = 0) -> Path:
    """A model of random weights: it babbles, but through all the real code."""
    random = np.random.default_rng(seed)

    def noise(shape: tuple[int, ...]) -> Matrix:
        return (random.standard_normal(shape) * 0.02).astype(np.float32)

    vocabulary = _vocabulary(" some words to babble with", multilingual=False)
    spec = _spec(noise)
    tokens = noise((len(vocabulary.tokens), _WIDTH))
    _write_tokens(spec, tokens, scale=1)
    spec.encoder.position_encodings.encodings = noise((_FRAMES, _WIDTH))
    spec.decoder.position_encodings.encodings = noise((_POSITIONS, _WIDTH))
    return _save(spec, vocabulary, folder)


def _vocabulary(text: str, *, multilingual: bool) -> Vocabulary:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1000, min_frequency=1, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([text] * 50, trainer)
    languages = tuple(_LANGUAGE_CODES)[:100] if multilingual else ("en",)
    special = [
        *([_EMPTY] if multilingual else []),
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{language}|>" for language in languages),
        *_MARKS,
        "<|notimestamps|>",
        *(f"<|{step * _FRAME_S:.2f}|>" for step in range(_FRAMES + 1)),
    ]
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    return Vocabulary(tokenizer, languages if multilingual else ())


def _spec(fill: Any) -> whisper_spec.WhisperSpec:
    """One layer, one head, every weight made by `fill`, norms neutral, biases zero."""
    spec = whisper_spec.WhisperSpec(1, 1, 1, 1)
    encoder, decoder = spec.encoder, spec.decoder
    for convolution, inputs in ((encoder.conv1, 80), (encoder.conv2, _WIDTH)):
        convolution.weight = _single(fill((_WIDTH, inputs, 3)))
        convolution.bias = np.zeros(_WIDTH, np.float32)
    for side in (encoder, decoder):
        _neutral(side.layer_norm)
        _self_attention(side.layer[0], fill)
        _feed_forward(side.layer[0].ffn, fill)
    attention = decoder.layer[0].attention
    _neutral(attention.layer_norm)
    _linear(attention.linear[0], _WIDTH, _WIDTH, fill)
    _linear(attention.linear[1], 2 * _WIDTH, _WIDTH, fill)
    _linear(attention.linear[2], _WIDTH, _WIDTH, fill)
    return spec


def _self_attention(layer: Any, fill: Any) -> None:
    _neutral(layer.self_attention.layer_norm)
    _linear(layer.self_attention.linear[0], 3 * _WIDTH, _WIDTH, fill)
    _linear(layer.self_attention.linear[1], _WIDTH, _WIDTH, fill)


def _feed_forward(network: Any, fill: Any) -> None:
    _neutral(network.layer_norm)
    _linear(network.linear_0, 4 * _WIDTH, _WIDTH, fill)
    _linear(network.linear_1, _WIDTH, 4 * _WIDTH, fill)


def _neutral(norm: Any) -> None:
    norm.gamma = np.ones(_WIDTH, np.float32)
    norm.beta = np.zeros(_WIDTH, np.float32)


def _linear(layer: Any, outputs: int, inputs: int, fill: Any) -> None:
    layer.weight = _single(fill((outputs, inputs)))
    layer.bias = np.zeros(outputs, np.float32)


def _write_positions(spec: Any, vocabulary: Vocabulary, text: str, language: str | None) -> None:
    """Position p makes the model say the script's token p, less the length of the prompt."""
    random = np.random.default_rng(0)
    directions = random.standard_normal((len(vocabulary.tokens), _HALF))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    tokens = np.zeros((len(directions), _WIDTH))
    tokens[:, :_HALF] = directions
    _write_tokens(spec, tokens, scale=12)

    heard = np.zeros((_FRAMES, _WIDTH))
    heard[:, _HALF:] = _time_code(np.arange(_FRAMES) * _FRAME_S)
    spec.encoder.position_encodings.encodings = _single(heard)

    script = [*vocabulary.encode(text), vocabulary.id("<|endoftext|>")]
    # The prompt is start, (language, task,) no-timestamps; its last token predicts the first word.
    before = 3 if language else 1
    said = np.zeros((_POSITIONS, _WIDTH))
    for position in range(_POSITIONS):
        token = script[min(max(position - before, 0), len(script) - 1)]
        said[position, :_HALF] = 20 * directions[token]
    spoken_at = np.maximum(np.arange(_POSITIONS) - before - 1, 0) * TOKEN_S
    said[:, _HALF:] = 8 * _time_code(spoken_at)
    if language:
        said[0, :_HALF] = 20 * directions[vocabulary.id(f"<|{language}|>")]
    spec.decoder.position_encodings.encodings = _single(said)


def _write_tokens(spec: Any, tokens: NDArray[Any], *, scale: float) -> None:
    spec.decoder.embeddings.weight = _single(tokens)
    spec.decoder.projection.weight = _single(tokens * scale)
    spec.decoder.projection.bias = np.zeros(len(tokens), np.float32)


def _connect_times(attention: Any) -> None:
    """Queries and keys are the time codes, so a token looks at the frames of its own time."""
    times = np.zeros((_WIDTH, _WIDTH))
    times[_HALF:, _HALF:] = np.eye(_HALF) * 6
    attention.linear[0].weight = _single(times)
    attention.linear[1].weight = _single(np.concatenate([times, np.zeros((_WIDTH, _WIDTH))]))


def _time_code(seconds: NDArray[Any]) -> NDArray[Any]:
    """Sines and cosines: near in time, near in direction."""
    angles = seconds[..., None] * np.geomspace(0.02, 3.0, _HALF // 2)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)


def _single(values: NDArray[Any]) -> Matrix:
    return np.ascontiguousarray(values, dtype=np.float32)


def _save(spec: Any, vocabulary: Vocabulary, folder: Path) -> Path:
    folder.mkdir(parents=True)
    vocabulary.tokenizer.save(str(folder / "tokenizer.json"))
    spec.register_vocabulary(vocabulary.tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [vocabulary.id("<|endoftext|>")]
    spec.config.lang_ids = [vocabulary.id(f"<|{code}|>") for code in vocabulary.languages]
    spec.config.alignment_heads = [[0, 0]]
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    return folder
