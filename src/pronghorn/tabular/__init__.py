"""Tables for nets: encoders fitted on training rows, and layers for numeric columns.

Encoders turn raw columns into numbers before a net. The layers are parts of a net:
they are adapted to training rows where they need it, run in the engine, and travel in
the model's file. They are Pronghorn's own: Keras cannot open a model that has them,
and saving one says so.
"""

from pronghorn.tabular import schedules
from pronghorn.tabular.categories import CategoryEmbedding, OneHotCategories
from pronghorn.tabular.dense import (
    NTKDense,
    ParametricActivation,
    ScalingLayer,
    initialize,
)
from pronghorn.tabular.encoders import encode, feature_names, fit_encoder
from pronghorn.tabular.ensemble import (
    BatchEnsembleDense,
    EnsembleModel,
    MemberDense,
    tabm,
)
from pronghorn.tabular.fitting import fit
from pronghorn.tabular.host import Host, HostInputs, fit_host
from pronghorn.tabular.members import (
    MemberNTKDense,
    SharedNTKDense,
    TableNet,
    Temperature,
)
from pronghorn.tabular.nets import MissingIndicator, Take
from pronghorn.tabular.periodic import PeriodicEmbedding
from pronghorn.tabular.piecewise import (
    PiecewiseLinearEmbedding,
    PiecewiseLinearEncoding,
)
from pronghorn.tabular.plain import PlainModel
from pronghorn.tabular.prepare import (
    Inputs,
    decode,
    encode_table,
    encode_target,
    fit_schema,
)
from pronghorn.tabular.presets import PRESETS, Preset
from pronghorn.tabular.scaling import QuantileTransform, RobustScaling
from pronghorn.tabular.stream import TableStream
from pronghorn.tabular.stream_progress import Progress
from pronghorn.tabular.table_model import TableModel

__all__ = [
    "PRESETS",
    "BatchEnsembleDense",
    "CategoryEmbedding",
    "EnsembleModel",
    "Host",
    "HostInputs",
    "Inputs",
    "MemberDense",
    "MemberNTKDense",
    "MissingIndicator",
    "NTKDense",
    "OneHotCategories",
    "ParametricActivation",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "PiecewiseLinearEncoding",
    "PlainModel",
    "Preset",
    "Progress",
    "QuantileTransform",
    "RobustScaling",
    "ScalingLayer",
    "SharedNTKDense",
    "TableModel",
    "TableNet",
    "TableStream",
    "Take",
    "Temperature",
    "decode",
    "encode",
    "encode_table",
    "encode_target",
    "feature_names",
    "fit",
    "fit_encoder",
    "fit_host",
    "fit_schema",
    "initialize",
    "schedules",
    "tabm",
]
