"""What a model's record holds beyond the brightness model's own, and slices that it calls right."""

RIGHT = {"dark": [40, 50, 60, 45], "grey": [120, 130, 125], "bright": [200, 210, 205, 215]}
_SCORE = {"value": 0.9, "low": 0.8, "high": 0.95}
FACTS = {
    "random_weights": False,
    "data": {"folder": "elsewhere"},
    "scores": {"protocols": {"given": {"f1_macro": _SCORE}}, "out_of_fold": {"f1_macro": _SCORE}, "floors": {}},
    "negative": "grey",
}
