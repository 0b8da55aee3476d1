"""One measured figure and what it should be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `aim` is the most it may be, None where it is only told."""

    name: str
    value: float
    unit: str = ""
    aim: float | None = None

    @property
    def met(self) -> bool:
        return self.aim is None or self.value <= self.aim
