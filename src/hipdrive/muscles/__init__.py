"""How hard each muscle works: a musculoskeletal model, the forces on it, and the least effort that explains them.

Importing this is light; MuJoCo and the bones come in when a model is loaded.
"""

from hipdrive.muscles.results import (
    GROUP_NAMES,
    MUSCLE_GROUPS,
    Architecture,
    Confidence,
    Effort,
    GroupEffort,
    ModelSettings,
    Side,
)

__all__ = [
    "GROUP_NAMES",
    "MUSCLE_GROUPS",
    "Architecture",
    "Confidence",
    "Effort",
    "GroupEffort",
    "ModelSettings",
    "Side",
]
