"""What the rules changed, in layers: from what nobody assumes to what one model says, and what the data could have
shown.
"""

from leadtime.effect.kept import effect
from leadtime.effect.layers import Layers

__all__ = ["Layers", "effect"]
