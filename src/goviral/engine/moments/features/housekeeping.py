"""Talk about the event itself: microphones, slides, breaks, sponsors, goodbyes.

Quick exchanges look lively to every other feature, and these are the lively ones that nobody stops scrolling
for. Labelled talks come without them (editors cut them), so the weight is a prior. Only unmistakable phrases
are listed, for a wrong one would cost a good clip.
"""

import re

_PHRASES = (
    # sound and picture
    r"(?:microphone|mic|sound|audio) (?:is|was|just|has|seems?|keeps?|isn't|moved|fell|check|cut|went)",
    r"my (?:microphone|mic)\b|can (?:you|everyone|everybody|people) (?:all )?(?:hear|see) (?:me|my|the|us)",
    r"you(?:'re| are) (?:on mute|muted)|unmute|share my screen|next slide|(?:is|are) (?:this|it|we) recording",
    r"technical (?:issues?|difficult\w+|problems?)|(?:sorry|just|hold on),? (?:one|a) (?:second|moment|sec)\b",
    # the event
    r"house ?keeping|fire exits?|rest ?rooms?|bathrooms? (?:is|are)|coffee break|lunch break|break for lunch",
    r"wi-?fi (?:password|network)|parking (?:lot|validation)|name tags?|sign[- ]?(?:in|up) sheet|lost and found",
    r"before we (?:start|begin|get started|get into)|quick announcements?|on the agenda|next item",
    r"(?:the|our) (?:next )?(?:meeting|session|workshop) (?:is|will be|has been|was) (?:on|at|moved|in)\b",
    r"(?:out of|run out of|running out of) time|that's all (?:the time )?we have",
    # selling and parting
    r"sponsored by|our sponsors?|promo code|discount code|use (?:the )?code|link in the (?:description|bio)",
    r"(?:like and )?subscribe|hit the bell|leave (?:us )?a (?:review|rating)|five[- ]star review|on patreon",
    r"thank(?:s| you)(?: all| everyone| everybody| so much| very much)* for (?:coming|joining|having|listening|watching)",
    r"see you (?:all )?(?:next|again)|until next time|that's (?:it|all) for today|good ?bye,? everyone",
    # German, Spanish, French
    r"hört (?:man|ihr) mich|nächste folie|kaffeepause|mittagspause|danke fürs? (?:zuhören|zuschauen|kommen)",
    r"me (?:oyen|escuchan)|siguiente diapositiva|gracias por (?:venir|escuchar|acompañarnos)|suscríbete",
    r"vous m'entendez|diapositive suivante|pause café|merci (?:d'être venus|de votre écoute)|abonnez-vous",
)
_HOUSEKEEPING = re.compile(rf"\b(?:{'|'.join(_PHRASES)})", re.IGNORECASE)


def housekeeping_in(text: str) -> int:
    """How many phrases of `text` are about the event instead of its subject."""
    return sum(1 for _ in _HOUSEKEEPING.finditer(text.replace("’", "'")))
