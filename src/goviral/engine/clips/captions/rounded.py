"""Rounded rectangles in the drawing language of ASS."""

# Handle length of a cubic Bézier that follows a quarter circle to 0.03 %.
_KAPPA = 0.5523


def rounded_box(width: float, height: float, radius: float, *, x: float = 0, y: float = 0) -> str:
    """Drawing commands for a box whose top left corner is at (x, y), clockwise from there."""
    r = max(0.0, min(radius, width / 2, height / 2))
    k = r * (1 - _KAPPA)
    right, bottom = x + width, y + height
    points = (
        ("m", (x + r, y)),
        ("l", (right - r, y)),
        ("b", (right - k, y, right, y + k, right, y + r)),
        ("l", (right, bottom - r)),
        ("b", (right, bottom - k, right - k, bottom, right - r, bottom)),
        ("l", (x + r, bottom)),
        ("b", (x + k, bottom, x, bottom - k, x, bottom - r)),
        ("l", (x, y + r)),
        ("b", (x, y + k, x + k, y, x + r, y)),
    )
    return " ".join(f"{command} " + " ".join(f"{p:.2f}" for p in at) for command, at in points)
