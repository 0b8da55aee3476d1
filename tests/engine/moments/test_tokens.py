from goviral.engine.moments.tokens import is_unspaced, tokens_of, words_of


def test_words_keep_apostrophes_and_unspaced_scripts_come_in_pairs() -> None:
    assert words_of("Don't stop, O’Neil!") == ["Don't", "stop", "O’Neil"]
    assert words_of("今日は good") == ["今日", "日は", "good"]
    assert words_of("木") == ["木"]
    assert words_of("…") == []


def test_words_are_numbered_in_lower_case_and_counted_by_piece() -> None:
    tokens = tokens_of(["The cat", "", "the Cat I’ve"])
    assert tokens.vocabulary == ("the", "cat", "i've")
    assert tokens.ids.tolist() == [0, 1, 0, 1, 2]
    assert tokens.counts.tolist() == [2, 0, 3]
    assert tokens.pieces.tolist() == [0, 0, 2, 2, 2]
    assert tokens.capitalised.tolist() == [True, False, False, True, False]
    assert tokens.count_where(lambda word: word == "cat").tolist() == [1, 0, 1]


def test_scripts_that_do_not_part_words_are_known() -> None:
    assert is_unspaced("今日")
    assert not is_unspaced("heute نعم")
