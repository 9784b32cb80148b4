"""Raw columns into what a net is fed with: encoders fitted on training rows."""

from pronghorn.tabular.encoders import encode, feature_names, fit_encoder
from pronghorn.tabular.prepare import (
    Inputs,
    decode,
    encode_table,
    encode_target,
    fit_schema,
)

__all__ = [
    "Inputs",
    "decode",
    "encode",
    "encode_table",
    "encode_target",
    "feature_names",
    "fit_encoder",
    "fit_schema",
]
