"""Figures that the published notebook gives for its models on the public set."""

from hilum.records.comparison import Published

PUBLISHED_NOTE = (
    "The published precision, recall and AUC are Keras's, counted over the flattened one-hot matrix; the "
    "published F1 is micro-averaged, which is the same number as accuracy (254 of 315 test slices for "
    "DenseNet121). Compare them with the Keras figures and the micro F1 here, not with macro averages. The "
    "published classes 0 and 3, which its best model confuses most, are adenocarcinoma and squamous cell "
    "carcinoma. The published seconds are of another machine."
)


PUBLISHED = (
    Published(name="densenet121", title="DenseNet121", split="test", f1_micro=0.806, keras_auc=0.946, seconds=550.7),
    Published(
        name="efficientnet_v2_l", title="EfficientNetV2L", split="test", f1_micro=0.438, keras_auc=None, seconds=None
    ),
    Published(  # published as accuracy
        name="cnn", title="Small CNN (cnn_model)", split="valid", f1_micro=0.736, keras_auc=None, seconds=None
    ),
)
