"""The notebook's way in Keras: a frozen base inside the training loop, a small dense head, batches of 16.

    python keras_notebook.py FOLDER NAME --epochs 2
    python keras_notebook.py FOLDER NAME --batches 2
    python keras_notebook.py FOLDER NAME

FOLDER holds train, valid and test with a folder per class each. With `--epochs 2`, the second epoch stands for the
eight that were not run. With `--batches`, two epochs are run on so many batches of train; every other picture of ten
epochs, of validation and of test is counted at the pace of the second epoch's batches after the first. That is too
quick, since few batches are read ahead while the network runs the first. Without either, ten epochs are run in full.
Prints the seconds to add.
"""

import argparse
import json
import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from keras import layers
from keras.utils import image_dataset_from_directory

BATCH, EPOCHS = 16, 10
NETWORKS = {  # by hilum's names: module, class, side of the input in hilum
    "xception": ("xception", "Xception", 299),
    "vgg16": ("vgg16", "VGG16", 224),
    "resnet50": ("resnet50", "ResNet50", 224),
    "inception_v3": ("inception_v3", "InceptionV3", 299),
    "densenet121": ("densenet", "DenseNet121", 224),
    "convnext_tiny": ("convnext", "ConvNeXtTiny", 224),
    "efficientnet_v2_l": ("efficientnet_v2", "EfficientNetV2L", 384),
}
parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("name", choices=NETWORKS)
parser.add_argument("--batches", type=int)
parser.add_argument("--epochs", type=int, default=EPOCHS)
options = parser.parse_args()
module, network, size = NETWORKS[options.name]
prepare = getattr(keras.applications, module).preprocess_input


counts = []


def _split(name: str):  # noqa: ANN202 - TensorFlow is not installed where types are checked
    pictures = image_dataset_from_directory(
        f"{options.folder}/{name}", label_mode="categorical", batch_size=BATCH, image_size=(size, size), verbose=False
    )
    counts.append(len(pictures.file_paths))
    return pictures.take(options.batches or -1).map(lambda one, label: (prepare(one), label)).prefetch(-1)


train, valid, test = map(_split, ("train", "valid", "test"))
base = getattr(keras.applications, network)(include_top=False, weights=None, input_shape=(size, size, 3))
base.trainable = False
inputs = keras.Input((size, size, 3))
pooled = layers.GlobalAveragePooling2D()(base(inputs, training=False))
outputs = layers.Dense(4, "softmax")(layers.Dropout(0.2)(layers.Dense(128, "relu")(pooled)))
model = keras.Model(inputs, outputs)
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
ends, batches = [time.perf_counter()], []
marks = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda *_, **__: ends.append(time.perf_counter()),
    on_train_batch_end=lambda *_, **__: batches.append(time.perf_counter()),
)
epochs = 2 if options.batches else options.epochs
model.fit(train, validation_data=None if options.batches else valid, epochs=epochs, verbose=0, callbacks=[marks])
added = 0.0
if options.batches:
    second = batches[options.batches :]
    pace = (second[-1] - second[0]) / (len(second) - 1) / BATCH
    beside = max(0.0, ends[2] - ends[1] - pace * BATCH * options.batches)  # what an epoch takes beside its batches
    pictures = EPOCHS * (counts[0] + counts[1]) + counts[2] - epochs * BATCH * options.batches
    added = pace * pictures + beside * (EPOCHS - epochs)
else:
    added = (ends[-1] - ends[-2]) * (EPOCHS - epochs)
    model.predict(test, verbose=0)
print(json.dumps({"first": ends[1] - ends[0], "second": ends[2] - ends[1], "added": added}))
