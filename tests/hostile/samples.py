"""Sounds whose samples or packets are odd, each made by one function as in `makers`."""

from pathlib import Path

from e2e.films import ffmpeg


def drawn(path: Path, expression: str, *, seconds: float = 5, rate: int = 48_000) -> Path:
    """A file of floats, sample by sample as the expression says."""
    source = f"aevalsrc='{expression}':s={rate}:d={seconds}"
    ffmpeg("-f", "lavfi", "-i", source, "-c:a", "pcm_f32le", path)
    return path


def far_above_full_scale(folder: Path) -> Path:
    """As recorders of 32-bit floats may write, and louder."""
    return drawn(folder / "far.wav", "100000*(random(0)-0.5)")


def no_numbers_now_and_then(folder: Path) -> Path:
    return drawn(folder / "nan.wav", "if(mod(n,1000),random(0)-0.5,0/0)")


def an_odd_length_of_sound(folder: Path) -> Path:
    """Its drawn picture once ended a frame early."""
    return drawn(folder / "odd.wav", "0.3*(random(0)-0.5)", seconds=5.017)


def a_packet_for_every_sample(folder: Path) -> Path:
    noise = ("-f", "lavfi", "-i", "anoisesrc=d=5:a=0.3:r=8000", "-af", "asetnsamples=1")
    ffmpeg(*noise, "-c:a", "pcm_s16le", folder / "small.mka")
    return folder / "small.mka"


def channels_that_change_midway(folder: Path) -> Path:
    """ADTS says in every packet how many channels there are."""
    parts = []
    for channels, rate in ((1, 48_000), (6, 44_100), (2, 22_050)):
        part, noise = folder / f"{channels}.aac", f"anoisesrc=d=2:a=0.3:r={rate}"
        ffmpeg("-f", "lavfi", "-i", noise, "-ac", channels, "-c:a", "aac", part)
        parts.append(part.read_bytes())
    (folder / "channels.aac").write_bytes(b"".join(parts))
    return folder / "channels.aac"
