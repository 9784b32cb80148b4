"""What `keras.layers` has and this room does not: each by name, and what to use."""

from __future__ import annotations

from pronghorn.errors import UnsupportedError

__all__ = ["refusal"]

# The beginnings of names, what they are, and what to use instead.
_FIELDS = (
    (
        "GlobalAveragePooling1D GlobalAvgPool1D GlobalMaxPool1D GlobalMaxPooling1D",
        "Pooling layers are",
        "a layer of your own whose call(self, inputs, mask=None) takes ops.mean or "
        "ops.max over axis 1; else Keras",
    ),
    (
        "Adaptive AugMix AutoContrast Average AvgPool CenterCrop Contrast Conv "
        "Cropping CutMix Depthwise Equalization Global MaxNumBoundingBoxes MaxPool "
        "MixUp RandAugment Random Resizing Separable Solarization SpatialDropout2D "
        "SpatialDropout3D UpSampling ZeroPadding",
        "Convolution, pooling and images are",
        "Flatten(input_shape=[28, 28, 1]) and Dense for small images, else Keras",
    ),
    (
        "Bidirectional GRU LSTM RNN SimpleRNN StackedRNN",
        "Recurrence is",
        "give each row its earlier values as columns, for Dense layers; else Keras",
    ),
    (
        "AdditiveAttention Attention GroupQueryAttention MultiHeadAttention "
        "ReversibleEmbedding",
        "Attention is",
        "Dense layers on columns; for sequences Keras",
    ),
    (
        "MelSpectrogram STFTSpectrogram TextVectorization",
        "Text and sound are",
        "turn them into columns of numbers first; else Keras",
    ),
    (
        "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper",
        "Layers of another framework are",
        "write a subclass of layers.Layer with pronghorn.ops; else Keras",
    ),
)


def refusal(name: str) -> UnsupportedError | None:
    """The error for a layer that Keras has and Pronghorn does not; None for others.

    >>> print(refusal("LSTM").remedy)
    give each row its earlier values as columns, for Dense layers; else Keras
    >>> refusal("Densee") is None
    True
    """
    for starts, what, remedy in _FIELDS:
        if name.startswith(tuple(starts.split())):
            return UnsupportedError(
                f"{what} not part of Pronghorn.",
                where=f"layers.{name}",
                remedy=remedy,
            )
    return None
