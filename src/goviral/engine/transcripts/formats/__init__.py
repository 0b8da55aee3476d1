"""Every transcript format, in the order in which content is asked whether it is one."""

from goviral.engine.transcripts.format import Format, WritableFormat
from goviral.engine.transcripts.formats.json import Json
from goviral.engine.transcripts.formats.srt import Srt
from goviral.engine.transcripts.formats.vtt import Vtt
from goviral.engine.transcripts.formats.whisper import Whisper
from goviral.engine.transcripts.formats.youtube_json3 import YoutubeJson3

WRITERS: dict[str, WritableFormat] = {form.name: form for form in (Json(), Vtt(), Srt())}
FORMATS: dict[str, Format] = {
    form.name: form
    for form in (WRITERS["json"], YoutubeJson3(), Whisper(), WRITERS["vtt"], WRITERS["srt"])
}
