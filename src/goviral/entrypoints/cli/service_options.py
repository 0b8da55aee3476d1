"""Options that the commands of the service share."""

from typing import Annotated

import typer

Host = Annotated[str | None, typer.Option(help="Address to bind. Unset: GOVIRAL_HOST, 127.0.0.1.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port; 0: any. Unset: GOVIRAL_PORT, 8000.")
]
Supervised = Annotated[
    bool,
    typer.Option("--supervised", hidden=True, help="End with whoever holds our standard input."),
]
