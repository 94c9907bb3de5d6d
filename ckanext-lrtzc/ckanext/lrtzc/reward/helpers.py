"""What templates ask of points."""

from ckanext.lrtzc.reward import words
from ckanext.lrtzc.reward.domain.levels import Badge


def lrtzc_reward_level(number: int) -> str:
    """Name a level."""
    return words.level(number)


def lrtzc_reward_badges(earned: list[str]) -> list[tuple[str, str, bool]]:
    """Give all badges: name, what it is for, whether it is earned."""
    return [(*words.badge(each.value), each.value in earned) for each in Badge]


def lrtzc_reward_because(name: str) -> str:
    """Say why a deed gives what it gives."""
    return words.because(name)
