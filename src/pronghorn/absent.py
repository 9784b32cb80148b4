"""What `keras` has and `pronghorn` does not: each by name, and what to use."""

from __future__ import annotations

from typing import NoReturn

from pronghorn.errors import UnsupportedError

__all__ = ["Absent", "refusal"]

# Names, what they are, and what to use instead.
_FIELDS = (
    (
        "applications visualization",
        "Images and nets that were trained on them are",
        "use Keras for them",
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
        "SymbolicScope",
        "Asking whether code is traced is",
        "ask whether a tensor has no value yet: utils.is_keras_tensor(x)",
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
)
_IMAGES = "Images, sound and folders of files are"
# The same of names in other rooms.
_ROOMS = {
    "initializers": (("STFT STFTInitializer stft", "Sound is", "use Keras for it"),),
    "preprocessing": (
        (
            "image image_dataset_from_directory",
            _IMAGES,
            "read them with another library into arrays, for Dense layers; else Keras",
        ),
        (
            "text text_dataset_from_directory timeseries_dataset_from_array",
            "Text, and series cut into windows, are",
            "make columns of numbers of them; utils.pad_sequences fills rows of ids",
        ),
    ),
    "utils": (
        (
            "array_to_img audio_dataset_from_directory bounding_boxes "
            "image_dataset_from_directory img_to_array load_img save_img",
            _IMAGES,
            "read them with another library into arrays, for Dense layers; else Keras",
        ),
        (
            "text_dataset_from_directory timeseries_dataset_from_array",
            "Text, and series cut into windows, are",
            "make columns of numbers of them; pad_sequences fills rows of ids",
        ),
        (
            "Config get_source_inputs",
            "Helpers for Keras's own models are",
            "use a dict for settings, and model.inputs for the inputs",
        ),
    ),
}


class _NoAttributeError(UnsupportedError, AttributeError):
    """There is no such attribute, as `hasattr` understands it."""


class Absent:
    """An attribute that Keras's objects have and these have not: asked for, it says so.

    Args:
        name: what `refusal` knows the subject by.

    Example:

    >>> class Net:
    ...     export = Absent("export")
    >>> hasattr(Net(), "export")
    False
    >>> Net().export("folder")
    Traceback (most recent call last):
    ...
    pronghorn.absent._NoAttributeError: Export to other runtimes is not part of...
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._attribute = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._attribute = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        refused = refusal(self._name)
        assert refused is not None
        raise _NoAttributeError(
            refused.message,
            where=f"{owner.__name__}.{self._attribute}",
            remedy=refused.remedy,
        )


def refusal(name: str, room: str = "keras") -> UnsupportedError | None:
    """The error for a name that Keras has and Pronghorn does not; None for others.

    Args:
        name: of a module, a class or a function.
        room: where Keras has it: "keras", "initializers", "utils" or "preprocessing".

    >>> print(refusal("export").message)
    Export to other runtimes is not part of Pronghorn.
    >>> refusal("Sequentail") is None
    True
    """
    for names, what, remedy in _ROOMS.get(room, _FIELDS):
        if name in names.split():
            return UnsupportedError(
                f"{what} not part of Pronghorn.",
                where=f"{room}.{name}",
                remedy=remedy,
            )
    return None
