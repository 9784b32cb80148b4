"""What `keras` has and `pronghorn` does not: each by name, and what to use."""

from __future__ import annotations

from pronghorn.errors import UnsupportedError

__all__ = ["refusal"]

# Names, what they are, and what to use instead.
_FIELDS = (
    (
        "applications visualization",
        "Images and nets that were trained on them are",
        "use Keras for them",
    ),
    (
        "preprocessing",
        "Folders of images and text, and series cut into windows, are",
        "read tables with pandas or `pronghorn train`; pad rows of ids with "
        "utils.pad_sequences",
    ),
    (
        "Quantizer quantizers",
        "Numbers of 8 bits and fewer are",
        "leave it out: nets for tables are small, and computed in float32",
    ),
    (
        "RematScope remat",
        "Computing activations twice to save a GPU's memory is",
        "leave it out: buffers are planned for the batch",
    ),
    (
        "distribution",
        "Training on several devices is",
        "leave it out: one machine's threads are used; PRONGHORN_NUM_THREADS says how "
        "many",
    ),
    (
        "distillation",
        "Distilling one net into another is",
        "write the teacher's outputs into the loss, in a compute_loss of your own",
    ),
    (
        "export",
        "Export to other runtimes is",
        "save the model, or give it to to_keras(model), and export it from Keras",
    ),
    (
        "legacy",
        "What Keras keeps of its older versions is",
        "use the names of today: saving.serialize_keras_object, optimizers.Adam",
    ),
    (
        "wrappers",
        "Keras's estimators for scikit-learn are",
        "call fit and predict in an estimator of your own",
    ),
)
_SOUND = ("STFT STFTInitializer stft", "Sound is", "use Keras for it")


def refusal(name: str, room: str = "keras") -> UnsupportedError | None:
    """The error for a name that Keras has and Pronghorn does not; None for others.

    Args:
        name: of a module, a class or a function.
        room: where Keras has it: "keras" or "initializers".

    >>> print(refusal("export").message)
    Export to other runtimes is not part of Pronghorn.
    >>> refusal("Sequentail") is None
    True
    """
    for names, what, remedy in (_SOUND,) if room == "initializers" else _FIELDS:
        if name in names.split():
            return UnsupportedError(
                f"{what} not part of Pronghorn.",
                where=f"{room}.{name}",
                remedy=remedy,
            )
    return None
