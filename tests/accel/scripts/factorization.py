"""Recommendations: embeddings of users and items, a dot product, ranking."""

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

keras.utils.set_random_seed(33)
rng = np.random.default_rng(33)
num_users, num_movies, size = 30, 20, 600
df = pd.DataFrame(
    {
        "userId": rng.integers(100, 100 + num_users, size),
        "movieId": rng.integers(500, 500 + num_movies, size),
    }
)
taste = rng.normal(size=(num_users, 2)) @ rng.normal(size=(2, num_movies))
user2user = {x: i for i, x in enumerate(df["userId"].unique().tolist())}
movie2movie = {x: i for i, x in enumerate(df["movieId"].unique().tolist())}
df["user"] = df["userId"].map(user2user)
df["movie"] = df["movieId"].map(movie2movie)
df["rating"] = taste[df["user"], df["movie"]].astype(np.float32)
low, high = min(df["rating"]), max(df["rating"])
df = df.sample(frac=1, random_state=42)
x = df[["user", "movie"]].values
y = df["rating"].apply(lambda r: (r - low) / (high - low)).values
cut = int(0.9 * df.shape[0])


class RecommenderNet(keras.Model):
    def __init__(self, num_users, num_movies, embedding_size, **kwargs):
        super().__init__(**kwargs)
        self.user_embedding = layers.Embedding(
            num_users,
            embedding_size,
            embeddings_initializer="he_normal",
            embeddings_regularizer=keras.regularizers.l2(1e-6),
        )
        self.user_bias = layers.Embedding(num_users, 1)
        self.movie_embedding = layers.Embedding(
            num_movies,
            embedding_size,
            embeddings_initializer="he_normal",
            embeddings_regularizer=keras.regularizers.l2(1e-6),
        )
        self.movie_bias = layers.Embedding(num_movies, 1)

    def call(self, inputs):
        user_vector = self.user_embedding(inputs[:, 0])
        user_bias = self.user_bias(inputs[:, 0])
        movie_vector = self.movie_embedding(inputs[:, 1])
        movie_bias = self.movie_bias(inputs[:, 1])
        dot_user_movie = ops.sum(user_vector * movie_vector, axis=1, keepdims=True)
        return ops.nn.sigmoid(dot_user_movie + user_bias + movie_bias)


model = RecommenderNet(num_users, num_movies, 4)
model.compile(
    loss=keras.losses.BinaryCrossentropy(),
    optimizer=keras.optimizers.Adam(learning_rate=0.05),
)
history = model.fit(
    x=x[:cut],
    y=y[:cut],
    batch_size=64,
    epochs=15,
    validation_data=(x[cut:], y[cut:]),
    verbose=0,
)
assert history.history["loss"][-1] < history.history["loss"][0]
user = df["userId"].sample(1, random_state=0).iloc[0]
seen = df[df["userId"] == user]["movieId"]
unseen = [[movie2movie[m]] for m in movie2movie if m not in set(seen)]
pairs = np.hstack(([[user2user[user]]] * len(unseen), unseen))
ratings = model.predict(pairs, verbose=0).flatten()
assert ratings.shape == (len(unseen),) and (ratings > 0).all() and (ratings < 1).all()
top = ratings.argsort()[-3:][::-1]
assert ratings[top[0]] == ratings.max()

# The same as a functional model of two inputs, which come as columns.
user_in = keras.Input(shape=(1,), name="user", dtype="int32")
movie_in = keras.Input(shape=(1,), name="movie", dtype="int32")
user_vec = layers.Flatten()(layers.Embedding(num_users, 4, name="users")(user_in))
movie_vec = layers.Flatten()(layers.Embedding(num_movies, 4, name="movies")(movie_in))
score = layers.Dot(axes=1, normalize=True)([user_vec, movie_vec])
score = layers.Dense(1, activation="sigmoid")(score)
pairwise = keras.Model(inputs=[user_in, movie_in], outputs=score)
pairwise.compile("adam", "mse")
pairwise.fit([df.user, df.movie], y, epochs=3, batch_size=64, verbose=0)
pairwise.fit(
    {"user": df["user"].values, "movie": df["movie"].values}, y, epochs=1, verbose=0
)
out = pairwise.predict([df.user.values[:5], df.movie.values[:5]], verbose=0)
weights = pairwise.get_layer("movies").get_weights()[0]
assert out.shape == (5, 1) and weights.shape == (num_movies, 4)
