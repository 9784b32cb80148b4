"""A trained net's lower layers in another one: cloned, frozen, thawed, taken apart."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(35)
rng = np.random.default_rng(35)
X = rng.normal(size=(400, 8)).astype("float32")
y = (X[:, :3].sum(axis=1) > 0).astype("int32") + 2 * (X[:, 3] > 0).astype("int32")
is_A = y < 3
X_A, y_A = X[is_A], y[is_A]
X_B, y_B = X[:60], (y[:60] == 3).astype("float32")

model_A = keras.Sequential(
    [
        keras.layers.Input(shape=[8]),
        keras.layers.Dense(32, activation="relu", kernel_initializer="he_normal"),
        keras.layers.Dense(16, activation="relu", kernel_initializer="he_normal"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model_A.compile(
    loss="sparse_categorical_crossentropy",
    optimizer=keras.optimizers.SGD(learning_rate=0.05),
    metrics=["accuracy"],
)
model_A.fit(X_A, y_A, epochs=5, verbose=0)

model_A_clone = keras.models.clone_model(model_A)
model_A_clone.set_weights(model_A.get_weights())
model_B_on_A = keras.Sequential(model_A_clone.layers[:-1])
model_B_on_A.add(keras.layers.Dense(1, activation="sigmoid"))
assert model_B_on_A.layers[0] is model_A_clone.layers[0]
for layer in model_B_on_A.layers[:-1]:
    layer.trainable = False
optimizer = keras.optimizers.SGD(learning_rate=0.01)
model_B_on_A.compile(
    loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"]
)
kept = model_B_on_A.layers[0].get_weights()[0].copy()
model_B_on_A.fit(X_B, y_B, epochs=3, validation_split=0.2, verbose=0)
assert len(model_B_on_A.trainable_variables) == 2
assert np.array_equal(kept, model_B_on_A.layers[0].get_weights()[0])
for layer in model_B_on_A.layers[:-1]:
    layer.trainable = True
model_B_on_A.compile(
    loss="binary_crossentropy",
    optimizer=keras.optimizers.SGD(learning_rate=0.01),
    metrics=["accuracy"],
)
model_B_on_A.fit(X_B, y_B, epochs=3, verbose=0)
assert not np.array_equal(kept, model_B_on_A.layers[0].get_weights()[0])
assert np.array_equal(model_A.layers[0].get_weights()[0], kept), (
    "the model that was cloned stays as it is"
)

base_model = keras.Model(model_A.inputs, model_A.layers[-2].output, name="base")
base_model.trainable = False
inputs = keras.Input(shape=(8,))
x = base_model(inputs, training=False)
x = keras.layers.BatchNormalization()(x)
x = keras.layers.Dropout(0.2)(x)
outputs = keras.layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
assert len(model.trainable_weights) == 4 and len(model.non_trainable_weights) == 6
model.compile(
    optimizer=keras.optimizers.Adam(),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy()],
)
model.fit(X_B, y_B, epochs=2, verbose=0)
base_model.trainable = True
assert len(model.trainable_weights) == 8
model.compile(
    optimizer=keras.optimizers.Adam(1e-5),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
)
model.fit(X_B, y_B, epochs=1, verbose=0)

features = base_model.predict(X, verbose=0)
assert features.shape == (400, 16)
layer_outputs = [layer.output for layer in model_A.layers]
activation_model = keras.Model(inputs=model_A.inputs, outputs=layer_outputs)
activations = activation_model.predict(X[:5], verbose=0)
assert [a.shape for a in activations] == [(5, 32), (5, 16), (5, 3)]


# Knowledge distilled from one net into a smaller one.
class Distiller(keras.Model):
    def __init__(self, student, teacher):
        super().__init__()
        self.teacher = teacher
        self.student = student

    def compile(
        self,
        optimizer,
        metrics,
        student_loss_fn,
        distillation_loss_fn,
        alpha=0.1,
        temperature=3,
    ):
        super().compile(optimizer=optimizer, metrics=metrics)
        self.student_loss_fn = student_loss_fn
        self.distillation_loss_fn = distillation_loss_fn
        self.alpha = alpha
        self.temperature = temperature

    def compute_loss(
        self,
        x=None,
        y=None,
        y_pred=None,
        sample_weight=None,
        allow_empty=False,
        training=True,
    ):
        teacher_pred = self.teacher(x, training=False)
        student_loss = self.student_loss_fn(y, y_pred)
        distillation_loss = self.distillation_loss_fn(
            tf.nn.softmax(teacher_pred / self.temperature, axis=1),
            tf.nn.softmax(y_pred / self.temperature, axis=1),
        ) * (self.temperature**2)
        return self.alpha * student_loss + (1 - self.alpha) * distillation_loss

    def call(self, x):
        return self.student(x)


student = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)])
distiller = Distiller(student=student, teacher=model_A)
distiller.compile(
    optimizer=keras.optimizers.Adam(0.01),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
    student_loss_fn=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    distillation_loss_fn=keras.losses.KLDivergence(),
    alpha=0.1,
    temperature=10,
)
taught = model_A.get_weights()[0].copy()
history = distiller.fit(X_A, y_A, epochs=5, verbose=0)
assert "sparse_categorical_accuracy" in history.history
assert history.history["loss"][-1] < history.history["loss"][0]
distiller.evaluate(X_A, y_A, verbose=0)
