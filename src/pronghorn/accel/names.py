"""The names that scripts know: where Keras keeps what, and what TensorFlow dropped.

Names are looked up in Pronghorn first. Only where it has nothing, these tables tell a
name that Keras has, which is an error where it is used, from a misspelt one, which is
an error at once.
"""

from __future__ import annotations

__all__ = ["in_keras", "is_keras_module", "real_room", "was_removed"]

# Modules of older Keras versions, and the room that has their names now.
_OLDER = {
    "backend": "tensorflow_backend",
    "callbacks": "callbacks callbacks_v1",
    "initializers": "initializers initializers_v1 initializers_v2",
    "layers": "advanced_activations convolutional core embeddings experimental "
    "experimental.preprocessing merge merging noise normalization pooling "
    "preprocessing recurrent regularization reshaping wrappers",
    "losses": "losses",
    "metrics": "metrics",
    "models": "",
    "ops": "image linalg nn numpy",
    "optimizers": "experimental legacy",
    "utils": "data_utils generic_utils io_utils layer_utils np_utils vis_utils",
}

# What Keras 3.15 and its forerunners offer, by room, as far as it is dense work.
_PUBLIC = {
    "": """
    DTypePolicy FloatDTypePolicy Function Initializer Input InputSpec KerasTensor Layer
    Loss Metric Model Operation Optimizer Quantizer Regularizer RematScope Sequential
    StatelessScope SymbolicScope Variable device name_scope remat version
    """,
    "activations": "sparsemax",
    "backend": """
    abs any argmax argmin arange backend batch_dot batch_flatten batch_get_value
    batch_set_value binary_crossentropy binary_focal_crossentropy cast cast_to_floatx
    categorical_crossentropy clear_session clip concatenate constant cos count_params
    cumprod cumsum dot dropout dtype elu epsilon equal eval exp expand_dims eye flatten
    floatx function gather get_session get_uid get_value get_variable_shape gradients
    greater greater_equal hard_sigmoid image_data_format in_top_k in_train_phase
    int_shape is_float_dtype is_int_dtype is_keras_tensor is_tensor l2_normalize
    learning_phase less less_equal log max maximum mean min minimum ndim not_equal
    one_hot ones ones_like placeholder pow print_tensor prod random_normal
    random_uniform relu repeat reshape result_type round set_epsilon set_floatx
    set_image_data_format set_learning_phase set_session set_value shape sigmoid sign
    sin softmax softplus softsign sparse_categorical_crossentropy sqrt square squeeze
    stack standardize_dtype std stop_gradient sum switch tanh tile transpose
    truncated_normal update update_add update_sub var variable zeros zeros_like
    """,
    "callbacks": """
    BackupAndRestore BaseLogger CallbackList EarlyStopping LambdaCallback
    OrbaxCheckpoint RemoteMonitor SwapEMAWeights TensorBoard TerminateOnNaN
    """,
    "config": """
    backend disable_interactive_logging dtype_policy enable_interactive_logging epsilon
    floatx image_data_format is_interactive_logging_enabled max_epochs
    max_steps_per_epoch set_backend set_dtype_policy set_epsilon set_floatx
    set_image_data_format set_max_epochs set_max_steps_per_epoch
    enable_unsafe_deserialization disable_traceback_filtering
    enable_traceback_filtering is_traceback_filtering_enabled
    """,
    "datasets": """
    boston_housing california_housing cifar10 cifar100 fashion_mnist imdb mnist reuters
    """,
    "initializers": "STFT STFTInitializer stft",
    "layers": """
    CuDNNGRU CuDNNLSTM DenseFeatures Dot JaxLayer FlaxLayer LocallyConnected1D
    LocallyConnected2D Masking MelSpectrogram Permute Pipeline ReversibleEmbedding
    TFSMLayer TorchModuleWrapper dot maximum minimum multiply subtract average
    ThresholdedReLU MaxoutDense Highway AtrousConvolution2D Merge Layer deserialize
    serialize AugMix AutoContrast CenterCrop
    ContrastLimitedAdaptiveHistogramEqualization CutMix MaxNumBoundingBoxes MixUp
    RandAugment Solarization
    """,
    "legacy": "saving",
    "losses": """
    CTC CategoricalGeneralizedCrossEntropy Circle Dice Reduction Tversky
    categorical_generalized_cross_entropy circle cosine_proximity ctc dice tversky
    """,
    "metrics": """
    BinaryIoU ConcordanceCorrelation IoU MeanIoU MeanRelativeError MeanTensor OneHotIoU
    OneHotMeanIoU PearsonCorrelation SumOverBatchSize concordance_correlation
    pearson_correlation cosine_proximity
    """,
    "mixed_precision": """
    DTypePolicy LossScaleOptimizer Policy dtype_policy global_policy set_dtype_policy
    set_global_policy experimental
    """,
    "models": "clone_model model_from_config model_from_yaml",
    "optimizers": """
    Adafactor Ftrl Lamb LossScaleOptimizer MultiOptimizer Muon ScheduleFreeAdamW
    OptimizerMap TFOptimizer
    """,
    "preprocessing": """
    image sequence text image_dataset_from_directory text_dataset_from_directory
    timeseries_dataset_from_array
    """,
    "random": "beta binomial categorical gamma randint shuffle truncated_normal",
    "saving": "KerasFileEditor hdf5_format",
    "utils": """
    Config CustomObjectScope FeatureSpace GeneratorEnqueuer OrderedEnqueuer PyDataset
    Sequence SequenceEnqueuer array_to_img audio_dataset_from_directory clear_session
    custom_object_scope deserialize_keras_object disable_interactive_logging
    enable_interactive_logging get_custom_objects get_file get_registered_name
    get_registered_object get_source_inputs image_dataset_from_directory img_to_array
    is_interactive_logging_enabled is_keras_tensor load_img model_to_dot multi_gpu_model
    pack_x_y_sample_weight pad_sequences plot_model register_keras_serializable save_img
    serialize_keras_object split_dataset standardize_dtype text_dataset_from_directory
    timeseries_dataset_from_array unpack_x_y_sample_weight
    """,
}

# Rooms of Keras, of now or of before, that are of other fields from end to end.
_ELSEWHERE = frozenset(
    """
    applications distillation distribution dtype_policies estimator experimental export
    quantizers tree visualization wrappers
    """.split()
)
_ANY_BELOW = _ELSEWHERE | {
    "backend",
    "datasets",
    "legacy",
    "mixed_precision",
    "preprocessing",
}
# Prefixes of the same tree.
_PREFIXES = ("src", "api")

# What TensorFlow 2 no longer has: scripts look for these to find out which one it is.
_REMOVED = frozenset(
    """
    AttrValue ConfigProto Session app assign contrib enable_eager_execution flags
    get_default_graph get_default_session get_variable global_variables_initializer
    gfile initialize_all_variables layers logging placeholder reset_default_graph
    set_random_seed to_float to_int32 truncated_normal random_normal random_uniform
    variable_scope
    """.split()
)


def _known(room: str) -> frozenset[str]:
    return frozenset(_PUBLIC.get(room, "").split())


def in_keras(room: str, name: str) -> bool:
    """Whether Keras, now or before, has this name in a room.

    >>> in_keras("callbacks", "TensorBoard"), in_keras("callbacks", "TensorBored")
    (True, False)
    >>> in_keras("applications", "VGG16")
    True
    """
    head = room.partition(".")[0]
    if not head and name in _ELSEWHERE:
        return True
    return head in _ELSEWHERE or head == "preprocessing" or name in _known(room)


def is_keras_module(room: str) -> bool:
    """Whether there is, or was, a module `keras.<room>`.

    >>> is_keras_module("layers"), is_keras_module("utils.np_utils")
    (True, True)
    >>> is_keras_module("layrs")
    False
    """
    head, _, rest = room.partition(".")
    if rest:
        return head in _ANY_BELOW or rest in _OLDER.get(head, "").split()
    return head in _PUBLIC or head in _ELSEWHERE or head in _OLDER


def real_room(room: str) -> str:
    """The room that has a module's names now.

    >>> real_room("utils.np_utils"), real_room("src.layers"), real_room("datasets.imdb")
    ('utils', 'layers', 'datasets.imdb')
    """
    head, _, rest = room.partition(".")
    if head in _PREFIXES:
        return real_room(rest)
    return head if rest in _OLDER.get(head, "").split() and rest else room


def was_removed(name: str) -> bool:
    """Whether TensorFlow 1 had this name and TensorFlow 2 has not.

    >>> was_removed("Session"), was_removed("constant")
    (True, False)
    """
    return name in _REMOVED
