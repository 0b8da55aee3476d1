"""An embedder whose topics are known: it counts words by how they begin."""

from collections.abc import Sequence

import numpy as np

from goviral.engine.moments.embeddings import Embedder, Vectors


class PrefixEmbedder(Embedder):
    """Texts are alike where their words begin alike. `asked` keeps every text it was given."""

    def __init__(self, *prefixes: str, languages: Sequence[str] = ("en",)) -> None:
        self._prefixes = prefixes
        self._languages = frozenset(languages)
        self.asked: list[str] = []

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        rows = [[self._count(text, prefix) for prefix in self._prefixes] + [1.0] for text in texts]
        vectors = np.array(rows, np.float32).reshape(len(texts), len(self._prefixes) + 1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _count(self, text: str, prefix: str) -> float:
        return float(sum(word.startswith(prefix) for word in text.split()))
