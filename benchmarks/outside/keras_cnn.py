"""Predictions of a small Keras CNN, trained as notebooks on the public set do it.

    benchmarks/.keras/bin/python benchmarks/outside/keras_cnn.py FOLDER OUT.csv

`ImageDataGenerator` with pictures divided by 255 and mirrored, `flow_from_directory` for train, valid and test, three
blocks of convolution and pooling, a dense layer with dropout, Adam, the weights with the lowest loss on valid. Writes
the probabilities of valid and test, one row a file.
"""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import pandas as pd
from keras import layers
from keras.src.legacy.preprocessing.image import ImageDataGenerator

SIZE, BATCH, EPOCHS = (224, 224), 16, 30
folder, out = map(Path, sys.argv[1:])
keras.utils.set_random_seed(0)

plain, mirrored = ImageDataGenerator(rescale=1 / 255), ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
train = mirrored.flow_from_directory(folder / "train", SIZE, batch_size=BATCH, seed=0)
valid, test = (
    plain.flow_from_directory(folder / name, SIZE, batch_size=BATCH, shuffle=False) for name in ("valid", "test")
)

network = keras.Sequential([keras.Input((*SIZE, 3))])
for width in (32, 64, 128):
    network.add(layers.Conv2D(width, 3, activation="relu"))
    network.add(layers.MaxPooling2D())
network.add(layers.Flatten())
network.add(layers.Dense(128, activation="relu"))
network.add(layers.Dropout(0.5))
network.add(layers.Dense(4, activation="softmax"))
network.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
stopping = keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True)
network.fit(train, epochs=EPOCHS, validation_data=valid, callbacks=[stopping], verbose=2)

frames = []
for name, generator in (("valid", valid), ("test", test)):
    frame = pd.DataFrame(network.predict(generator, verbose=0), columns=list(train.class_indices))
    frame.insert(0, "path", [f"{name}/{file}" for file in generator.filenames])
    frame.insert(1, "split", name)
    frames.append(frame)
    print(name, "accuracy", np.mean(frame.iloc[:, 2:].to_numpy().argmax(1) == generator.classes))
pd.concat(frames).to_csv(out, index=False)
