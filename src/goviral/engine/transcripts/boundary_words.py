"""Where English sentences end when nobody wrote a mark, told by the two words around. Pure.

Log-odds in halves (2 ln(p / (1 - p)), less the base rate) that a sentence ends after a word and that
one begins with it: naive Bayes over function words, counted on two million punctuated words of
talks, podcasts, interviews and court hearings. On talks not counted, cuts by these words alone fall
on a real sentence end in 31 to 55 of 100 cases; by length alone, in 5 to 10.
"""

import re

_ENDING = """
an:-11 our:-10 we're:-10 the:-9 a:-9 as:-9 which:-9 i've:-9 and:-8 it's:-8 if:-8 your:-8 that's:-8
i'm:-8 you're:-8 their:-8 they're:-8 every:-8 gonna:-8 its:-8 you've:-8 we've:-8 what's:-8 i:-7
just:-7 because:-7 my:-7 when:-7 very:-7 there's:-7 whether:-7 able:-7 thank:-7 i'll:-7 of:-6 we:-6
some:-6 she:-6 put:-6 to:-5 they:-5 or:-5 how:-5 by:-5 where:-5 has:-5 who:-5 any:-5 than:-5 under:-5
was:-4 but:-4 can:-4 would:-4 get:-4 he:-4 were:-4 had:-4 these:-4 could:-4 even:-4 also:-4 got:-4
only:-4 in:-3 is:-3 have:-3 for:-3 at:-3 think:-3 really:-3 don't:-3 from:-3 been:-3 into:-3 should:-3
so:-2 what:-2 like:-2 be:-2 with:-2 are:-2 then:-2 going:-2 will:-2 you:-1 not:-1 on:-1 all:-1
about:-1 it:1 there:2 them:2 me:2 now:2 here:3 yeah:4 okay:4 right:5 yes:5
"""
_BEGINNING = """
know:-10 been:-10 into:-10 them:-9 mean:-9 want:-8 need:-8 gonna:-8 own:-8 thought:-8 be:-7 about:-7
out:-7 me:-7 than:-7 down:-7 made:-7 able:-7 called:-7 of:-6 think:-6 up:-6 had:-6 might:-6 around:-6
saying:-6 done:-6 to:-5 was:-5 going:-5 were:-5 will:-5 much:-5 feel:-5 have:-4 an:-4 really:-4 get:-4
say:-4 has:-4 other:-4 a:-3 on:-3 with:-3 more:-3 from:-3 something:-3 their:-3 back:-3 is:-2 not:-2
are:-2 would:-2 go:-2 don't:-2 by:-2 could:-2 the:-1 that:-1 in:-1 for:-1 like:-1 at:-1 just:-1
can:-1 it:1 you:1 this:1 we:2 what:2 they:2 because:2 there:2 how:2 when:2 and:3 if:3 no:3 there's:3
he:3 i:4 but:4 it's:4 that's:4 i'm:4 now:4 i've:4 so:5 well:5 okay:5 oh:5 yes:6 yeah:7
"""


def _table(text: str) -> dict[str, int]:
    return {word: int(odds) for word, odds in re.findall(r"([\w']+):(-?\d+)", text)}


_ENDS, _BEGINS = _table(_ENDING), _table(_BEGINNING)


def boundary_odds(before: str, after: str) -> int:
    """How much likelier than usual a sentence ends between two English words, in half logits."""
    return _ENDS.get(_bare(before), 0) + _BEGINS.get(_bare(after), 0)


def _bare(word: str) -> str:
    return word.lower().replace("’", "'").strip(',;:-–—"')
