"""`goviral up`: every process of the service, one command."""

from goviral.entrypoints.cli.service_options import Host, Port


def up(host: Host = None, port: Port = None) -> None:
    """Run API, workers, scheduler and relay as processes of their own; those that die start again."""
    from goviral.entrypoints.running.starting import load

    settings = load(host=host, port=port)
    from goviral.entrypoints.running import commands
    from goviral.entrypoints.running.up import up as run

    run(settings)
    commands.leave()
