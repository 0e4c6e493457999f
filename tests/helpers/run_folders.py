"""A folder of runs, and of what looks like runs."""

import json

from helpers.run_records import SPAN, compared, comparison, evaluation

UNAVAILABLE = {"name": "c", "title": "C", "status": "unavailable", "reason": "no weights", "tag": ""}
MODELS = [
    compared("a", "A", {"given": SPAN}), compared("b", "B", {"strict": SPAN, "external:iq": SPAN}), UNAVAILABLE
]  # fmt: skip
MODELS[1]["floors"] = {
    "strict": {"f1_macro": {**SPAN, "value": 0.8}, "accuracy": SPAN, "auc_macro": SPAN, "binary": None}
}
MODELS[1]["protocols"]["strict"]["over_floor"] = {
    "floor": "lungs blanked", "difference": {**SPAN, "value": 0.1}, "above": True, "groups": 12, "too_few": False
}  # fmt: skip
COMPARISON = comparison(MODELS, "b", ["dog", "cat"], protocols=("given", "strict", "external:iq"))
PREDICTIONS = """model,path,split,label,predicted,p_cat,p_dog,strict_predicted,strict_p_cat,strict_p_dog
a,train/cat/1.png,train,cat,dog,0.1,0.9,,,
a,test/cat/1.png,test,cat,dog,0.2,0.8,,,
a,test/dog/1.png,test,dog,dog,0.3,0.7,,,
b,test/cat/1.png,test,cat,cat,0.6,0.4,,,
b,train/dog/2.png,train,dog,dog,0.1,0.9,cat,0.75,0.25
"""
HISTORY = "model,epoch,train_loss,strength\na,1,0.5,\nb,,0.25,0.1\n"
EVALUATION = evaluation(
    "densenet169", ["cat", "dog", "sound"], ["hurt", "sound"], SPAN, [[1, 0], [0, 1]],
    {"Sound": "sound", "Bad": "hurt"},
)  # fmt: skip
EVALUATED = """path,label,decision,predicted,p_cat,p_dog,p_sound,outlier_score,left_out
1.png,Bad,class,sound,0.3,0.3,0.4,0.1,
2.png,Sound,class,sound,0.1,0.1,0.8,0.1,
3.png,Sound,class,cat,0.8,0.1,0.1,0.1,a copy of another slice
4.png,Bad,unreadable,,,,,,
"""


def write_runs(folder):
    """Writes a comparison, an evaluation, and folders that are not runs."""
    for name, texts in {
        "compared": {
            "metrics.json": json.dumps(COMPARISON), "predictions.csv": PREDICTIONS, "history.csv": HISTORY,
            "report.html": "<h1>hello</h1><script>alert(1)</script>",
        },
        "<b>evaluated & all": {"metrics.json": json.dumps(EVALUATION), "predictions.csv": EVALUATED},
        "damaged": {"metrics.json": "{"}, "another": {"metrics.json": '{"schema": "other/1"}'},
        "a list": {"metrics.json": "[]"},
        "odd models": {"metrics.json": '{"schema": "hilum.comparison/1", "models": ["x"]}'},
        "odd data": {"metrics.json": '{"schema": "hilum.comparison/1", "data": [1]}'},
        "no number": {"metrics.json": '{"schema": "hilum.comparison/1", "created": NaN}'},
        "no text": {"metrics.json": '{"schema": "hilum.comparison/1", "created": "\\ud800"}'},
        "empty": {}, ".hidden": {"metrics.json": json.dumps(COMPARISON)},
    }.items():  # fmt: skip
        (folder / name).mkdir()
        for file, text in texts.items():
            (folder / name / file).write_text(text)
    return folder
