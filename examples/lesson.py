"""The first lesson of many courses, as it stands; only the import is another.

A single linear unit, calories from sugars: y = w x + b.
"""

import numpy as np

import pronghorn as keras
from pronghorn import layers

model = keras.Sequential([layers.Dense(units=1, input_shape=[1])])
model.summary()

sugars = np.array([[6], [8], [5], [0], [8], [10], [14], [12]])
calories = np.array([105, 110, 103, 90, 110, 115, 125, 120])

model.compile(optimizer="adam", loss="mae")
history = model.fit(sugars, calories, epochs=10, verbose=2)

# Weights can be set by hand: 2.5 calories per gram of sugar, 90 without any.
model.set_weights([[[2.5]], [90.0]])
w, b = model.weights
print(f"w = {w.numpy()[0, 0]}, b = {b.numpy()[0]}")
print("5 grams of sugars:", model.predict(np.array([[5.0]]))[0, 0], "calories")
