"""The `goviral` command. Only light imports here: `--help` answers at once."""

import gc
import sys

import typer

from goviral.entrypoints.cli.commands import (
    api,
    check,
    clip,
    db,
    doctor,
    edit,
    evaluate,
    export,
    moments,
    relay,
    render,
    scheduler,
    serve,
    thumbnail,
    transcribe,
    up,
    worker,
)
from goviral.entrypoints.cli.exits import BAD_INPUT, CANCELLED

app = typer.Typer(
    name="goviral",
    help="Long video in; short, captioned vertical clips out. No key, no server.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("clip")(clip.clip)
app.command("transcribe")(transcribe.transcribe)
app.command("moments")(moments.moments)
app.command("edit")(edit.edit)
app.command("render")(render.render)
app.command("thumbnail")(thumbnail.thumbnail)
app.command("export")(export.export)
app.command("check")(check.check)
app.command("eval")(evaluate.evaluate)
app.command("doctor")(doctor.doctor)
app.command("serve")(serve.serve)
app.command("up")(up.up)
app.command("api")(api.api)
app.command("worker")(worker.worker)
app.command("scheduler")(scheduler.scheduler)
app.command("relay")(relay.relay)
app.add_typer(db.app, name="db")


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Show the version and leave."),
) -> None:
    if version:
        from goviral import __version__

        typer.echo(f"goviral {__version__}")
        raise typer.Exit


_ALLOCATIONS_BETWEEN_COLLECTIONS = 200_000


def main() -> None:
    """Run the command line; every known failure is one line on standard error."""
    from goviral.kit.errors import AppError, CancelledError
    from goviral.kit.threads import one_thread_for_sums

    one_thread_for_sums()
    # Looking for cycles again and again among what imports and plans leave behind: a tenth of a command's start.
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)
    try:
        app()
    except CancelledError:
        _say("Stopped. Run the same command again to go on from here.")
        sys.exit(CANCELLED)
    except KeyboardInterrupt:
        _say("Stopped.")
        sys.exit(CANCELLED)
    except AppError as error:
        _say(str(error))
        sys.exit(BAD_INPUT)
    except OSError as error:
        if error.filename is None:
            raise  # not about a file that was named: a fault of ours
        _say(
            f"{error.filename}: {error.strerror}. Check the path, and who may read and write there."
        )
        sys.exit(BAD_INPUT)
    finally:
        # What is left is the system's in a moment: looking through it once more took a fifth of a second.
        gc.freeze()


def _say(line: str) -> None:
    typer.echo(f"goviral: {line}", err=True)


if __name__ == "__main__":
    main()
