"""Tracks and merged boxes: pure functions on made-up sightings."""

from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.media.boxes import FaceBox, is_same, merged, overlap, shifted
from goviral.engine.media.content import Box
from goviral.engine.media.tracks import tracked


def face(x: float, y: float = 100, side: float = 60, score: float = 0.9) -> FaceBox:
    return FaceBox(x, y, side, side, score)


faces = st.builds(
    FaceBox,
    x=st.floats(-50, 700),
    y=st.floats(-50, 400),
    width=st.floats(1, 300),
    height=st.floats(1, 300),
    score=st.floats(0.5, 1),
)


class TestTracked:
    def test_two_that_pass_each_other_keep_their_ids(self):
        samples = [(i * 333, [face(100 + 20 * i), face(400 - 20 * i, 130)]) for i in range(6)]
        found = tracked(samples)
        ids = [{seen.track: seen.box.y for seen in sample} for sample in found]
        assert all(sample == ids[0] for sample in ids)

    def test_a_face_that_is_hidden_for_a_moment_is_the_same_after(self):
        samples = [(i * 333, [face(100)] if i not in (3, 4) else []) for i in range(9)]
        ids = {seen.track for sample in tracked(samples) for seen in sample}
        assert len(ids) == 1

    def test_one_that_appears_once_is_left_out(self):
        samples = [(i * 333, [face(100), *([face(500)] if i == 4 else [])]) for i in range(9)]
        assert [len(sample) for sample in tracked(samples)] == [1] * 9

    def test_doubtful_ones_are_left_out_however_often(self):
        samples = [(i * 333, [face(100), face(500, score=0.57)]) for i in range(30)]
        assert [len(sample) for sample in tracked(samples)] == [1] * 30

    def test_a_shot_too_short_to_see_twice_keeps_the_clear_ones(self):
        assert len(tracked([(0, [face(100, score=0.85), face(300, score=0.7)])])[0]) == 1

    def test_sizes_that_cannot_be_of_one_face_are_two(self):
        samples = [(i * 333, [face(100, side=60)]) for i in range(4)]
        samples += [((i + 4) * 333, [face(100, side=140)]) for i in range(4)]
        assert len({seen.track for sample in tracked(samples) for seen in sample}) == 2

    def test_ids_begin_where_they_should(self):
        found = tracked([(i * 333, [face(100)]) for i in range(4)], first_id=7)
        assert {seen.track for sample in found for seen in sample} == {7}

    @given(st.lists(st.lists(faces, max_size=4), max_size=12))
    def test_nothing_is_invented_and_ids_are_unique_in_a_sample(self, shots):
        samples = [(i * 333, sample) for i, sample in enumerate(shots)]
        for (_, given_faces), found in zip(samples, tracked(samples), strict=True):
            assert all(seen.box in given_faces for seen in found)
            assert len({seen.track for seen in found}) == len(found)


class TestMerged:
    def test_boxes_of_one_face_become_one_between_them(self):
        (one,) = merged([face(100, score=0.9), face(110, score=0.9), face(105, score=0.6)])
        assert 100 < one.x < 110
        assert one.score == 0.9

    def test_a_mouth_inside_a_face_is_no_second_face(self):
        assert len(merged([face(100, side=100), face(130, 140, side=40, score=0.6)])) == 1

    @given(st.lists(faces, max_size=8))
    def test_what_is_left_is_apart(self, boxes):
        left = merged(boxes)
        assert len(left) <= len(boxes)
        assert [box.score for box in left] == sorted((b.score for b in left), reverse=True)

    @given(faces, faces)
    def test_overlap_is_a_symmetric_share(self, one, other):
        assert 0 <= overlap(one, other) <= 1.0001
        assert overlap(one, other) == overlap(other, one)
        assert is_same(one, one)

    def test_shifting_moves_all_points(self):
        box = FaceBox(10, 20, 30, 30, 0.9, ((15, 25), (30, 25)), (22, 40))
        assert shifted(box, 100, 200, 2) == FaceBox(
            120, 240, 60, 60, 0.9, ((130, 250), (160, 250)), (144, 280)
        )


class TestBox:
    @given(st.integers(0, 640), st.integers(0, 360), st.floats(0.5, 12))
    def test_scaling_stays_inside_the_picture(self, width, height, scale):
        box = Box(0, 0, width, height).scaled(scale, 1920, 1080)
        assert 1 <= box.width <= 1920
        assert 1 <= box.height <= 1080
        assert box.x + box.width <= 1920
        assert box.y + box.height <= 1080
