"""Gradient tapes, and a linear classifier from scratch."""

import numpy as np
import tensorflow as tf

input_var = tf.Variable(initial_value=3.0)
with tf.GradientTape() as tape:
    result = tf.square(input_var)
gradient = tape.gradient(result, input_var)
assert gradient.numpy() == 6.0

input_const = tf.constant(3.0)
with tf.GradientTape() as tape:
    tape.watch(input_const)
    result = tf.square(input_const)
gradient = tape.gradient(result, input_const)
assert gradient.numpy() == 6.0

time = tf.Variable(0.0)
with tf.GradientTape() as outer_tape:
    with tf.GradientTape() as inner_tape:
        position = 4.9 * time**2
    speed = inner_tape.gradient(position, time)
acceleration = outer_tape.gradient(speed, time)
assert np.isclose(acceleration.numpy(), 9.8)

x = tf.Variable(tf.random.uniform((2, 2)))
with tf.GradientTape() as tape:
    y = 2 * x + 3
grad_of_y_wrt_x = tape.gradient(y, x)
assert np.allclose(grad_of_y_wrt_x, 2.0)
W = tf.Variable(tf.random.uniform((2, 2)))
b = tf.Variable(tf.zeros((2,)))
x = tf.random.uniform((2, 2))
with tf.GradientTape() as tape:
    y = tf.matmul(x, W) + b
grads = tape.gradient(y, [W, b])
assert grads[0].shape == (2, 2) and np.allclose(grads[1], 2.0)

samples = 200
rng = np.random.default_rng(14)
negative = rng.multivariate_normal([0, 3], [[1, 0.5], [0.5, 1]], size=samples)
positive = rng.multivariate_normal([3, 0], [[1, 0.5], [0.5, 1]], size=samples)
inputs = np.vstack((negative, positive)).astype(np.float32)
targets = np.vstack((np.zeros((samples, 1)), np.ones((samples, 1)))).astype("float32")
W = tf.Variable(initial_value=tf.random.uniform(shape=(2, 1)))
b = tf.Variable(initial_value=tf.zeros(shape=(1,)))


def model(inputs):
    return tf.matmul(inputs, W) + b


def square_loss(targets, predictions):
    per_sample_losses = tf.square(targets - predictions)
    return tf.reduce_mean(per_sample_losses)


@tf.function(jit_compile=True)
def training_step(inputs, targets):
    with tf.GradientTape() as tape:
        predictions = model(inputs)
        loss = square_loss(predictions, targets)
    grad_loss_wrt_W, grad_loss_wrt_b = tape.gradient(loss, [W, b])
    W.assign_sub(grad_loss_wrt_W * 0.1)
    b.assign_sub(grad_loss_wrt_b * 0.1)
    return loss


for _ in range(40):
    loss = training_step(inputs, targets)
print(f"Loss: {loss:.4f}")
assert loss.numpy() < 0.1
predictions = model(inputs)
assert ((predictions.numpy() > 0.5) == targets).mean() > 0.95
assert W.numpy().shape == (2, 1)
