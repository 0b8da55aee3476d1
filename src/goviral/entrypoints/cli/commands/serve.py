"""`goviral serve`: the whole service in one process."""

from goviral.entrypoints.cli.service_options import Host, Port


def serve(host: Host = None, port: Port = None) -> None:
    """Run the service in one process: API, worker, schedule, events. No set-up needed."""
    from goviral.entrypoints.running.starting import load

    settings = load(host=host, port=port)
    from goviral.entrypoints.running import commands

    commands.serve(settings)
    commands.leave()
