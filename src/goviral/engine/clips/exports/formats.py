"""What a run can be handed to an editor as. A new format is one file and one line here."""

from collections.abc import Callable

from goviral.engine.clips.exports.cut_list import CutList
from goviral.engine.clips.exports.edl import edl
from goviral.engine.clips.exports.fcpxml import fcpxml
from goviral.engine.clips.exports.otio import otio

EXPORTS: dict[str, Callable[[CutList], str]] = {"otio": otio, "fcpxml": fcpxml, "edl": edl}
"""By name, which is the file's ending too."""
