"""Heads of every shape, made by hand."""

import numpy as np

from hilum.heads.questions import HeadArrays, Kernel, Linear, Question, one_question


def linear(random, answers, width):
    return Linear(random.normal(size=(answers, width)).astype(np.float32), random.random(answers, np.float32))


def kernel(random, answers, features, gamma=0.3):
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    centre = unit.mean(0)
    spread = float(np.sqrt(np.square(unit - centre).sum(1).mean()))
    rows = ((unit - centre) / spread).astype(np.float32)
    weights = random.normal(size=(answers, len(rows))).astype(np.float32)
    return Kernel(centre.astype(np.float32), spread, gamma, rows, weights, random.random(answers, np.float32))


def any_heads(features, classes=3, seed=0):
    """Heads by name on features `[m, width]`, which are the kernels' rows; all but `linear` have no linear map."""
    random, width = np.random.default_rng(seed), features.shape[1]
    first, rest = tuple(range(classes - 1)), (classes - 1,)
    apart = tuple((number,) for number in first)
    return {
        "linear": one_question((linear(random, classes, width),)),
        "kernel": one_question((kernel(random, classes, features),)),
        "both": one_question((linear(random, classes, width), kernel(random, classes, features))),
        "hierarchical": HeadArrays(
            classes,
            (
                Question((first, rest), (kernel(random, 2, features, 0.1),)),
                Question(apart, (kernel(random, classes - 1, features), linear(random, classes - 1, width))),
            ),
        ),
    }
