import numpy as np
import pandas as pd
import pytest

from hilum.errors import HilumError
from hilum.judging.columns import find_columns
from hilum.judging.sheet import Sheet

KNOWN = ("Benign", "normal")


def find(**columns):
    return find_columns(Sheet(pd.DataFrame(columns), "p.csv", "p", None), KNOWN)


@pytest.mark.parametrize(
    "names",
    [
        ("path", "p_Benign", "p_normal"),
        ("PATH ", "P_Benign", "p_Normal"),
        ("path", "Benign", "normal"),
        ("Path", "benign", " NORMAL"),
        ("", "Benign", "normal"),
        ("path", "probability Benign", "probability normal"),
    ],
)
def test_columns_are_found_by_name(names):
    found = find(**dict(zip(names, (["1.png"], [0.25], [0.75]), strict=True)))
    assert found.paths.values == ("1.png",)
    assert found.classes == KNOWN
    assert found.shares.tolist() == [[0.25, 0.75]]
    assert not found.unread


def test_classes_in_another_order_are_those_of_their_columns():
    found = find(path=["1.png"], normal=[0.75], Benign=[0.25])
    assert dict(zip(found.classes, found.shares[0], strict=True)) == {"Benign": 0.25, "normal": 0.75}


def test_rows_of_predict_without_a_class_are_said():
    own = {"frame": "", "class": ["normal", "", ""], "outlier_score": 0.1, "reason": "why"}
    shares = {"probability Benign": [0.25] * 3, "probability normal": [0.75] * 3}
    found = find(path=["1.png", "2.png", "3.png"], decision=["class", "abstain", "outlier"], **own, **shares)
    assert not found.unread
    assert found.notes == ("p.csv: 2 rows without a class (abstain, outlier) are scored by the most probable one.",)
    assert find(path=["1.png"], decision=["abstain"], p_Benign=[0.25], p_normal=[0.75]).unread == ("decision",)


def test_the_table_of_a_run_leads_to_what_has_every_protocol():
    strict = {"strict_predicted": ["normal"], "strict_p_Benign": [0.5], "strict_p_normal": [0.5]}
    found = find(path=["1.png"], p_Benign=[0.25], p_normal=[0.75], **strict)
    assert not found.unread
    assert found.shares.tolist() == [[0.25, 0.75]]
    (said,) = found.notes
    assert said.endswith("predictions.parquet beside it has every protocol.")


def test_another_case_is_said():
    assert find(path=["1.png"], p_BENIGN=[0.25], p_normal=[0.75]).notes == (
        "p.csv: the class BENIGN is read as Benign.",
    )


def test_names_of_folders_of_the_public_set_are_classes():
    found = find(**{"path": ["1.png"], "p_large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa": [0.5], "p_normal": [0.5]})
    assert found.classes == ("large_cell_carcinoma", "normal")


def test_with_one_p_column_all_of_them_are_classes_and_no_others():
    found = find(path=["1.png"], p_Benign=[0.5], p_other=[0.5], normal=[3])
    assert found.classes == ("Benign", "other")
    assert found.unread == ("normal",)


def test_other_columns_are_named_but_for_those_of_files_of_hilum():
    found = find(path=["1.png"], label=["normal"], group=[1], left_out=[""], Benign=[0.5], normal=[0.5], age=[7])
    assert found.unread == ("age",)
    assert found.marks["label"].values == ("normal",)


def test_some_of_the_rows_keep_their_columns():
    found = find(path=["1.png", "2.png"], model=["a", "b"], Benign=[0.5, 1], normal=[0.5, 0])[np.array([False, True])]
    assert found.paths.values == ("2.png",)
    assert found.marks["model"].values == ("b",)
    assert found.shares.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"file": ["1.png"], "normal": [1]}, r"p.csv has no column path; its columns are 'file', 'normal'\. Name"),
        (
            {"path": ["1.png"]},
            r"no predictions; its columns are 'path'\. Give a column of probabilities for each class",
        ),
        ({"path": ["1.png"], "label": ["normal"]}, r"The column label is what the slices are, not what a model said"),
        ({"path": ["1.png"], "prob_normal": [1]}, "no predictions; its columns are 'path', 'prob_normal'"),
        ({"path": ["1.png"], "p_Benign": [1]}, r"one class only, Benign\. .* the other has 1 - p_Benign"),
        ({"path": ["1.png"], "Path": ["1.png"], "predicted": ["a"]}, "has the column path twice"),
        (
            {"path": ["1.png"], "p_Normal": [1], "p_normal": [1]},
            "two columns for the class normal: p_Normal and p_normal",
        ),
        ({"path": ["1.png", " "], "predicted": ["a", "b"]}, "has 1 row without a path"),
    ],
)
def test_what_is_missing_or_doubled_is_refused(columns, message):
    with pytest.raises(HilumError, match=message):
        find(**columns)
