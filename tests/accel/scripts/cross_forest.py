"""Deep nets for tables as layers and models: crosses, gates, trees."""

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(37)
rng = np.random.default_rng(37)
X = rng.normal(size=(256, 6)).astype("float32")
y = ((X[:, 0] * X[:, 1] > 0) ^ (X[:, 2] > 0.5)).astype("int32")


def create_deep_and_cross_model(width):
    inputs = keras.Input(shape=(6,))
    x0 = inputs
    cross = x0
    for _ in range(2):
        units = cross.shape[-1]
        x = layers.Dense(units)(cross)
        cross = x0 * x + cross
    cross = layers.BatchNormalization()(cross)
    deep = x0
    for units in [width, width]:
        deep = layers.Dense(units)(deep)
        deep = layers.BatchNormalization()(deep)
        deep = layers.ReLU()(deep)
        deep = layers.Dropout(0.1)(deep)
    merged = layers.concatenate([cross, deep])
    outputs = layers.Dense(units=2, activation="softmax")(merged)
    return keras.Model(inputs=inputs, outputs=outputs)


class GatedLinearUnit(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.linear = layers.Dense(units)
        self.sigmoid = layers.Dense(units, activation="sigmoid")

    def call(self, inputs):
        return self.linear(inputs) * self.sigmoid(inputs)


class GatedResidualNetwork(layers.Layer):
    def __init__(self, units, dropout_rate):
        super().__init__()
        self.units = units
        self.elu_dense = layers.Dense(units, activation="elu")
        self.linear_dense = layers.Dense(units)
        self.dropout = layers.Dropout(dropout_rate)
        self.gated_linear_unit = GatedLinearUnit(units)
        self.layer_norm = layers.LayerNormalization()
        self.project = layers.Dense(units)

    def call(self, inputs):
        x = self.elu_dense(inputs)
        x = self.linear_dense(x)
        x = self.dropout(x)
        if inputs.shape[-1] != self.units:
            inputs = self.project(inputs)
        x = inputs + self.gated_linear_unit(x)
        return self.layer_norm(x)


class VariableSelection(layers.Layer):
    def __init__(self, num_features, units, dropout_rate):
        super().__init__()
        self.units = units
        self.grns = [
            GatedResidualNetwork(units, dropout_rate) for _ in range(num_features)
        ]
        self.grn_concat = GatedResidualNetwork(units, dropout_rate)
        self.softmax = layers.Dense(units=num_features, activation="softmax")

    def call(self, inputs):
        v = layers.concatenate(inputs)
        v = self.grn_concat(v)
        v = ops.expand_dims(self.softmax(v), axis=-1)
        x = [grn(feature) for grn, feature in zip(self.grns, inputs)]
        x = ops.stack(x, axis=1)
        return ops.squeeze(ops.matmul(ops.transpose(v, axes=[0, 2, 1]), x), axis=1)


class NeuralDecisionTree(keras.Model):
    def __init__(self, depth, num_features, used_features_rate, num_classes):
        super().__init__()
        self.depth = depth
        self.num_leaves = 2**depth
        self.num_classes = num_classes
        num_used_features = int(num_features * used_features_rate)
        one_hot = np.eye(num_features)
        sampled = rng.choice(np.arange(num_features), num_used_features, replace=False)
        self.used_features_mask = ops.convert_to_tensor(
            one_hot[sampled], dtype="float32"
        )
        self.pi = self.add_weight(
            initializer="random_normal",
            shape=[self.num_leaves, self.num_classes],
            dtype="float32",
            trainable=True,
        )
        self.decision_fn = layers.Dense(
            units=self.num_leaves, activation="sigmoid", name="decision"
        )

    def call(self, features):
        batch_size = ops.shape(features)[0]
        features = ops.matmul(features, ops.transpose(self.used_features_mask))
        decisions = ops.expand_dims(self.decision_fn(features), axis=2)
        decisions = layers.concatenate([decisions, 1 - decisions], axis=2)
        mu = ops.ones([batch_size, 1, 1])
        begin_idx, end_idx = 1, 2
        for level in range(self.depth):
            mu = ops.reshape(mu, [batch_size, -1, 1])
            mu = ops.tile(mu, (1, 1, 2))
            level_decisions = decisions[:, begin_idx:end_idx, :]
            mu = mu * level_decisions
            begin_idx = end_idx
            end_idx = begin_idx + 2 ** (level + 1)
        mu = ops.reshape(mu, [batch_size, self.num_leaves])
        probabilities = keras.activations.softmax(self.pi)
        return ops.matmul(mu, probabilities)


class NeuralDecisionForest(keras.Model):
    def __init__(self, num_trees, depth, num_features, rate, num_classes):
        super().__init__()
        self.ensemble = [
            NeuralDecisionTree(depth, num_features, rate, num_classes)
            for _ in range(num_trees)
        ]
        self.num_classes = num_classes

    def call(self, inputs):
        batch_size = ops.shape(inputs)[0]
        outputs = ops.zeros([batch_size, self.num_classes])
        for tree in self.ensemble:
            outputs += tree(inputs)
        return outputs / len(self.ensemble)


def train(model, inputs=X):
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
    )
    history = model.fit(inputs, y, epochs=12, batch_size=64, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    _, accuracy = model.evaluate(inputs, y, verbose=0)
    return accuracy


assert train(create_deep_and_cross_model(16)) > 0.6
columns = {f"x{i}": keras.Input(shape=(1,), name=f"x{i}") for i in range(6)}
encoded = [layers.Dense(8)(column) for column in columns.values()]
features = VariableSelection(6, 8, 0.1)(encoded)
gated = keras.Model(columns, layers.Dense(2, activation="softmax")(features))
assert train(gated, {f"x{i}": X[:, i : i + 1] for i in range(6)}) > 0.55
inputs = keras.Input(shape=(6,))
tree = NeuralDecisionTree(3, 6, 1.0, 2)
tree_model = keras.Model(inputs, tree(layers.BatchNormalization()(inputs)))
assert train(tree_model) > 0.5
forest = NeuralDecisionForest(3, 3, 6, 0.5, 2)
forest_model = keras.Model(inputs, forest(inputs))
assert train(forest_model) > 0.5
probabilities = forest_model.predict(X[:7], verbose=0)
assert probabilities.shape == (7, 2)
assert np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-4)
assert len(forest_model.trainable_weights) == 9
