"""A single linear unit on a table of cereals."""

import numpy as np
import pandas as pd
from tensorflow import keras
from tensorflow.keras import layers

cereal = pd.DataFrame(
    {
        "sugars": [6, 8, 5, 0, 8, 10, 14, 12],
        "fiber": [10.0, 2.0, 9.0, 14.0, 1.0, 1.5, 1.0, 2.0],
        "protein": [4, 3, 4, 4, 2, 2, 2, 1],
        "calories": [70, 120, 70, 50, 110, 110, 110, 130],
    }
)
features = ["sugars", "fiber", "protein"]

model = keras.Sequential([layers.Dense(units=1, input_shape=[3])])
w, b = model.weights
assert w.shape == (3, 1) and b.shape == (1,)
assert np.all(b.numpy() == 0.0)
print(f"Weights\n{w}\n\nBias\n{b}")

model.compile(optimizer="adam", loss="mae")
history = model.fit(
    np.array(cereal[features], "float32"), cereal["calories"], epochs=5, verbose=0
)
assert len(history.history["loss"]) == 5

model = keras.Sequential([layers.Dense(1, input_shape=[1])])
w, b = model.weights
x = np.linspace(-1.0, 1.0, 100).astype("float32")
y = model.predict(x.reshape(-1, 1), verbose=0)
assert np.allclose(y, w.numpy() * x.reshape(-1, 1) + b.numpy(), atol=1e-6)
