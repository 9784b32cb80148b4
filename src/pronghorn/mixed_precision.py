"""`keras.mixed_precision`: everything is computed in float32; see `dtype_policies`."""

from pronghorn.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy
from pronghorn.optimizers import LossScaleOptimizer

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy
