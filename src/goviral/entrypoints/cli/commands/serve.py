"""`goviral serve`: the whole service in one process."""

from typing import Annotated

import typer

Host = Annotated[str | None, typer.Option(help="Address to bind. Unset: GOVIRAL_HOST, 127.0.0.1.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port; 0: any. Unset: GOVIRAL_PORT, 8000.")
]


def serve(host: Host = None, port: Port = None) -> None:
    """Run the service on this machine: API, worker, schedule, events. No set-up needed."""
    from goviral.entrypoints.running import commands
    from goviral.entrypoints.running.starting import load

    commands.serve(load(host=host, port=port))
