"""`goviral relay`: the relay of events alone."""

from goviral.entrypoints.cli.service_options import Supervised


def relay(supervised: Supervised = False) -> None:
    """Hand events to webhooks and live streams. Of several that run, one leads."""
    from goviral.entrypoints.running.starting import load

    settings = load()
    from goviral.entrypoints.running import commands

    commands.relay(settings, supervised=supervised)
    commands.leave()
