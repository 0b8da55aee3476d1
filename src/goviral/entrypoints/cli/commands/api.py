"""`goviral api`: the HTTP API alone."""

from goviral.entrypoints.cli.service_options import Host, Port, Supervised


def api(host: Host = None, port: Port = None, supervised: Supervised = False) -> None:
    """Answer HTTP requests; workers, scheduler and relay run elsewhere."""
    from goviral.entrypoints.running.starting import load

    settings = load(host=host, port=port)
    from goviral.entrypoints.running import commands

    commands.api(settings, supervised=supervised)
    commands.leave()
