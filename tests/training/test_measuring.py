"""Measuring: the scores are the comparison's, and those of fitted slices are out of fold."""

from helpers.model_records import NAME


def test_the_scores_are_those_of_the_comparison(compared, trained):
    protocols = trained.record.scores.protocols
    assert {name: of.as_json() for name, of in protocols.items()} == {
        name: figures[NAME].as_json() for name, figures in compared.scores.figures.items()
    }
    assert set(protocols) == {"given", "no-copies", "no-look-alikes", "grouped", "strict"}
    for name, floors in compared.audit.floors.items():
        wanted = {"lungs blanked": compared.scores.floors[name][NAME], **floors}
        assert trained.record.scores.floors[name] == wanted
        assert list(trained.record.scores.floors[name]) == list(wanted)


def test_the_scores_of_what_was_fitted_on_are_out_of_fold(trained):
    own = trained.record.scores.out_of_fold
    assert own.n == len(trained.record.index)
    # The features of 48 phantoms tell every slice apart: a head that had seen them would make no mistake.
    assert own.accuracy.value < 1
    assert trained.record.trust.n == own.n
