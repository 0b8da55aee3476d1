"""`goviral scheduler`: the schedule alone."""

from goviral.entrypoints.cli.service_options import Supervised


def scheduler(supervised: Supervised = False) -> None:
    """Make the jobs of the schedule. Of several that run, one leads."""
    from goviral.entrypoints.running.starting import load

    settings = load()
    from goviral.entrypoints.running import commands

    commands.scheduler(settings, supervised=supervised)
    commands.leave()
