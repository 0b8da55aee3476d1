"""One file a detector; `detector.DETECTORS` lists them."""
