"""A model's proposals and the ranking's own choice made one list.

A model knows what is funny or new, the ranking knows the whole talk: a proposal's judgement is the mean of
both. Proposals come first, and the ranking fills what they leave.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, replace

from goviral.engine.llm.client import LlmClient
from goviral.engine.moments.dedup import drop_doubles
from goviral.engine.moments.moment import Moment, Scorecard, Wishes
from goviral.engine.moments.proposals import ProposalRule, Proposals, Watching, propose
from goviral.engine.transcripts.document import Transcript
from goviral.kit.progress import Progress
from goviral.kit.timecode import Span

STAGE = "proposals"
Judge = Callable[[Span], Moment | None]


def with_proposals(
    ranked: Sequence[Moment],
    transcript: Transcript,
    wishes: Wishes,
    count: int,
    llm: LlmClient,
    rule: ProposalRule,
    judge: Judge,
    progress: Progress,
) -> tuple[Moment, ...]:
    """At most `count` moments, best first, none overlapping another: proposals, then `ranked` ones.

    `judge` scores a span as the ranking would. Raises what `propose` raises.
    """
    proposals = _propose(transcript, wishes, llm, rule, progress)
    judged = drop_doubles([_judged(moment, judge) for moment in proposals.moments])
    chosen: list[Moment] = []
    for moment in (*judged, *ranked):
        if len(chosen) < count and not any(m.span.overlap_ms(moment.span) for m in chosen):
            chosen.append(moment)
    return tuple(sorted(chosen, key=lambda m: (-m.score, m.span)))


def _propose(
    transcript: Transcript, wishes: Wishes, llm: LlmClient, rule: ProposalRule, progress: Progress
) -> Proposals:
    progress.start(STAGE)
    done = 0

    def count_chunk(_: object) -> None:
        nonlocal done
        done += 1
        progress.advance(STAGE, done)

    watching = Watching(on_done=count_chunk)
    proposals = propose(transcript, wishes, llm, rule=rule, watching=watching)
    progress.finish(STAGE, f"{len(proposals.moments)} from {done} calls")
    return proposals


def _judged(moment: Moment, judge: Judge) -> Moment:
    """The model's judgement and the ranking's, half and half, with the evidence of both."""
    own = judge(moment.span)
    if own is None:
        return moment
    pairs = zip(astuple(moment.scorecard), astuple(own.scorecard), strict=True)
    card = Scorecard(*(round((model + ranking) / 2) for model, ranking in pairs))
    reasons = (*moment.reasons, *own.reasons)
    return replace(moment, score=card.total, scorecard=card, reasons=reasons)
