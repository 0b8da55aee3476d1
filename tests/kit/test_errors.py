import pickle

import pytest

from goviral.kit import errors

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type)]
TREE = [kind for kind in ALL if issubclass(kind, errors.AppError)]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_survives_pickling_with_its_remedy(kind):
    error = pickle.loads(pickle.dumps(kind("No.", remedy="Do this.")))
    assert type(error) is kind
    assert str(error) == "No. Do this."


def test_every_error_has_a_code_of_its_own():
    codes = [kind.code for kind in TREE]
    assert len(set(codes)) == len(codes)


def test_only_a_remote_failure_haste_and_a_full_disk_are_worth_a_retry():
    retryable = {kind for kind in TREE if kind.retryable}
    assert retryable == {errors.RemoteError, errors.RateLimitedError, errors.DiskFullError}


def test_the_tree_at_the_top_names_every_error():
    for kind in TREE:
        assert kind.__name__ in (errors.__doc__ or "")
