"""Tensors and variables, without a model."""

import numpy as np
import tensorflow as tf

assert tf.config.list_physical_devices("GPU") == []
assert tf.executing_eagerly() and tf.__version__ >= "2"

x = tf.ones(shape=(2, 1))
assert x.numpy().tolist() == [[1.0], [1.0]] and x.dtype == tf.float32
assert tf.zeros(shape=(2, 3)).shape == (2, 3)
drawn = tf.random.normal(shape=(300, 1), mean=0.0, stddev=1.0)
assert abs(tf.reduce_mean(drawn).numpy()) < 0.5
drawn = tf.random.uniform(shape=(300, 1), minval=2.0, maxval=3.0)
assert drawn.numpy().min() >= 2.0 and drawn.numpy().max() < 3.0
tf.random.set_seed(3)
first = tf.random.uniform((4,)).numpy()
tf.random.set_seed(3)
assert np.array_equal(first, tf.random.uniform((4,)).numpy())

v = tf.Variable(initial_value=tf.zeros(shape=(3, 1)))
v.assign(tf.ones((3, 1)))
v.assign_add(tf.ones((3, 1)))
v.assign_sub(0.5 * tf.ones((3, 1)))
assert v.numpy().tolist() == [[1.5]] * 3

a = tf.constant([[1.0, 2.0], [3.0, 4.0]])
b = tf.square(a)
c = tf.sqrt(a)
d = b + c
e = tf.matmul(a, b)
e *= d
assert np.allclose(e, (a.numpy() @ b.numpy()) * d.numpy())
assert tf.reduce_sum(a).numpy() == 10.0 and tf.reduce_max(a, axis=1).shape == (2,)
assert tf.concat([a, b], axis=0).shape == (4, 2)
assert tf.cast(tf.constant([1.7]), tf.int32).numpy().tolist() == [1]
assert tf.reshape(a, (4,)).shape == (4,) and tf.transpose(a).numpy()[0, 1] == 3.0
assert tf.one_hot([0, 2], depth=3).numpy().tolist() == [[1, 0, 0], [0, 0, 1]]
assert tf.range(3).numpy().tolist() == [0, 1, 2]
assert tf.linspace(0.0, 1.0, 5).numpy()[1] == 0.25
assert np.allclose(tf.math.sin(a), np.sin(a.numpy()))
assert np.allclose(tf.nn.softmax(a).numpy().sum(axis=1), 1.0)
assert tf.is_tensor(a) and not tf.is_tensor(np.zeros(2))
assert tf.argmax(a, axis=1).numpy().tolist() == [1, 1]
assert float(a[0, 1]) == 2.0 and a[1].numpy().tolist() == [3.0, 4.0]
assert [row.numpy().sum() for row in a] == [3.0, 7.0]
assert tf.convert_to_tensor(np.arange(3), dtype=tf.float32).dtype == tf.float32
assert f"{tf.reduce_mean(a):.2f}" == "2.50"


@tf.function
def double(t):
    return t * 2


@tf.function(jit_compile=True)
def dense(inputs, W, b):
    return tf.nn.relu(tf.matmul(inputs, W) + b)


assert double(a).numpy()[0, 0] == 2.0
W = tf.Variable(tf.random.uniform((2, 3)))
assert dense(a, W, tf.Variable(tf.zeros((3,)))).shape == (2, 3)

dataset = tf.data.Dataset.from_tensor_slices((np.arange(10), np.arange(10) * 2.0))
batches = list(dataset.shuffle(100).batch(4).prefetch(tf.data.AUTOTUNE))
assert len(dataset) == 10 and [len(x) for x, y in batches] == [4, 4, 2]
assert sorted(int(i) for x, _ in batches for i in x) == list(range(10))
assert all(np.allclose(y, 2.0 * x.numpy()) for x, y in batches)
mapped = dataset.map(lambda x, y: (x + 1, y)).take(2)
assert [int(x) for x, y in mapped] == [1, 2]

assert tf.constant([1, 2], dtype=tf.float32).dtype == tf.float32
assert tf.random.normal(shape=(3, 2), seed=5).shape == tf.TensorShape([3, 2])
