"""Flite through its C library: samples and the exact time of every word.

The command line prints phone durations only; the library keeps the whole utterance, so that each token
of the text can be asked for the start of its first phone and the end of its last.
Needs Debian's `libflite1` (the package `flite` brings it).
"""

import ctypes as c
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

_FIRST = b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"
_LAST = b"R:SylStructure.daughtern.daughtern.R:Segment.end"


class _Wave(c.Structure):
    _fields_ = [
        ("type", c.c_char_p),
        ("sample_rate", c.c_int),
        ("num_samples", c.c_int),
        ("num_channels", c.c_int),
        ("samples", c.POINTER(c.c_short)),
    ]


class _Voice(c.Structure):
    _fields_ = [("name", c.c_char_p), ("features", c.c_void_p)]


_SIGNATURES = {
    "flite_synth_text": (c.c_void_p, [c.c_char_p, c.c_void_p]),
    "utt_wave": (c.POINTER(_Wave), [c.c_void_p]),
    "utt_relation": (c.c_void_p, [c.c_void_p, c.c_char_p]),
    "relation_head": (c.c_void_p, [c.c_void_p]),
    "item_next": (c.c_void_p, [c.c_void_p]),
    "item_daughter": (c.c_void_p, [c.c_void_p]),
    "ffeature_float": (c.c_float, [c.c_void_p, c.c_char_p]),
    "feat_set_float": (None, [c.c_void_p, c.c_char_p, c.c_float]),
    "delete_utterance": (None, [c.c_void_p]),
}


@dataclass(frozen=True)
class Utterance:
    """Mono float samples in −1..1 and, for each token of the text, (start, end) in seconds."""

    samples: NDArray[np.float32]
    sample_rate: int
    token_times: tuple[tuple[float, float], ...]


@cache
def _library() -> c.CDLL:
    for name in ("libflite.so.1", "libflite_usenglish.so.1", "libflite_cmulex.so.1"):
        c.CDLL(name, mode=c.RTLD_GLOBAL)
    library = c.CDLL("libflite.so.1")
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.flite_init()
    return library


@cache
def _voice(name: str) -> "c._Pointer[_Voice]":
    _library()
    register = getattr(c.CDLL(f"libflite_{name}.so.1"), f"register_{name}")
    register.restype, register.argtypes = c.POINTER(_Voice), [c.c_char_p]
    return register(None)


def _token_times(utterance: int) -> tuple[tuple[float, float], ...]:
    library = _library()
    times: list[tuple[float, float]] = []
    token = library.relation_head(library.utt_relation(utterance, b"Token"))
    while token:
        starts, ends = [], []
        word = library.item_daughter(token)
        while word:
            starts.append(library.ffeature_float(word, _FIRST))
            ends.append(library.ffeature_float(word, _LAST))
            word = library.item_next(word)
        times.append((min(starts), max(ends)))
        token = library.item_next(token)
    return tuple(times)


def synthesise(voice_name: str, text: str, *, stretch: float = 1.0) -> Utterance:
    """Say `text`; `stretch` > 1 is slower and outlives the utterance, so it is set every time.

    The voice noise comes from one generator: the same lines in the same order give the same samples.
    """
    library, voice = _library(), _voice(voice_name)
    library.feat_set_float(voice.contents.features, b"duration_stretch", stretch)
    utterance = library.flite_synth_text(text.encode(), c.cast(voice, c.c_void_p))
    wave = library.utt_wave(utterance).contents
    samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).astype(np.float32) / 32768
    times = _token_times(utterance)
    rate = wave.sample_rate
    library.delete_utterance(utterance)
    return Utterance(samples, rate, times)
