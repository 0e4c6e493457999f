"""The notebook's way in Keras: a frozen base inside the training loop, a small dense head, batches of 16.

    python keras_notebook.py FOLDER NAME [--batches 10] [--epochs 2]

FOLDER holds train, valid and test with a folder per class each. Two epochs are run on all pictures, or on `--batches`
of each split; prints the seconds to add for ten epochs on all.
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
parser.add_argument("--batches", type=int, default=-1)
parser.add_argument("--epochs", type=int, default=2)
options = parser.parse_args()
module, network, size = NETWORKS[options.name]
prepare = getattr(keras.applications, module).preprocess_input


counts = []


def _split(name: str):  # noqa: ANN202 - TensorFlow is not installed where types are checked
    pictures = image_dataset_from_directory(
        f"{options.folder}/{name}", label_mode="categorical", batch_size=BATCH, image_size=(size, size), verbose=False
    )
    counts.append(len(pictures.file_paths))
    return pictures.take(options.batches).map(lambda one, label: (prepare(one), label)).prefetch(-1)


train, valid, test = map(_split, ("train", "valid", "test"))
base = getattr(keras.applications, network)(include_top=False, weights=None, input_shape=(size, size, 3))
base.trainable = False
inputs = keras.Input((size, size, 3))
pooled = layers.GlobalAveragePooling2D()(base(inputs, training=False))
outputs = layers.Dense(4, "softmax")(layers.Dropout(0.2)(layers.Dense(128, "relu")(pooled)))
model = keras.Model(inputs, outputs)
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
ends = [time.perf_counter()]
mark = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
model.fit(train, validation_data=valid, epochs=options.epochs, verbose=0, callbacks=[mark])
first, later = ends[1] - ends[0], (ends[-1] - ends[1]) / (options.epochs - 1)
start = time.perf_counter()
model.predict(test, verbose=0)
tested = time.perf_counter() - start
scale = [full / min(full, options.batches * BATCH) if options.batches > 0 else 1.0 for full in counts]
epoch = later * sum(counts[:2]) / sum(full / times for full, times in zip(counts[:2], scale[:2], strict=True))
added = epoch - later + (EPOCHS - 1) * epoch - (options.epochs - 1) * later + tested * (scale[2] - 1)
print(json.dumps({"first": first, "later": later, "test": tested, "added": added}))
