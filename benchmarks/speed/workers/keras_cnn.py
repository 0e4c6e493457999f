"""The network of hilum's `cnn` in Keras: `python keras_cnn.py COUNT [--augment]`. The first epoch does not count."""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import layers

SIZE, BATCH = 96, 16
count, augment = int(sys.argv[1]), "--augment" in sys.argv
random = np.random.default_rng(0)
pictures, labels = random.random((count, SIZE, SIZE, 1), np.float32), np.arange(count) % 4
network = keras.Sequential([keras.Input((SIZE, SIZE, 1)), layers.Rescaling(4, -1)])
if augment:
    network.add(layers.RandomFlip("horizontal"))
    network.add(layers.RandomTranslation(8 / SIZE, 8 / SIZE, "nearest"))
    network.add(layers.RandomContrast(0.1, value_range=(0, 1)))
    network.add(layers.RandomBrightness(0.05, value_range=(0, 1)))
for width in (16, 32, 64, 128):
    network.add(layers.Conv2D(width, 3, padding="same", use_bias=False))
    network.add(layers.BatchNormalization())
    network.add(layers.ReLU())
    network.add(layers.MaxPooling2D(2))
network.add(layers.AveragePooling2D(3))  # 6 x 6 to 2 x 2
network.add(layers.Flatten())
network.add(layers.Dropout(0.2))
network.add(layers.Dense(4))
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
network.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
ends: list[float] = []
network.fit(
    pictures,
    labels,
    BATCH,
    epochs=3,
    verbose=0,
    validation_data=(pictures[:16], labels[:16]),
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))],
)
print(json.dumps({"speed": 2 * count / (ends[-1] - ends[0])}))
