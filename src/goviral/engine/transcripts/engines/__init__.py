"""Every speech recogniser, in the order in which `auto` tries them."""

from collections.abc import Callable

from goviral.engine.transcripts.engine import Engine
from goviral.engine.transcripts.engines.faster_whisper import FasterWhisper
from goviral.engine.transcripts.engines.openai import OpenAiTranscription
from goviral.engine.transcripts.engines.pocketsphinx import PocketSphinx
from goviral.engine.transcripts.engines.speech_only import SpeechOnly
from goviral.kit.settings import Settings

ENGINES: dict[str, Callable[[Settings], Engine]] = {
    FasterWhisper.name: FasterWhisper,
    OpenAiTranscription.name: OpenAiTranscription,
    PocketSphinx.name: PocketSphinx,
    SpeechOnly.name: SpeechOnly,
}
