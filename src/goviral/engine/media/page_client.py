"""yt-dlp with one way into the network: the proxy it was given."""

from collections.abc import Iterable
from typing import Any

from typing_extensions import override
from yt_dlp import YoutubeDL


class ProxiedYoutubeDL(YoutubeDL):  # type: ignore[misc]  # it has no types
    """Opens http and https through its `proxy` option, and nothing else.

    Of yt-dlp's clients only requests obeys that option whatever the environment says: urllib (which also
    speaks ftp) and curl go past the proxy to hosts that `NO_PROXY` names.
    """

    @override
    def build_request_director(self, handlers: Iterable[Any], preferences: Any = None) -> Any:
        proxied = [handler for handler in handlers if handler.RH_KEY == "Requests"]
        return super().build_request_director(proxied, preferences)
