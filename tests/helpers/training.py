"""Training and saving a model as `hilum train` does, for tests that look inside."""

from hilum.backbones.zoo import backbone
from hilum.model.artefact import MODEL
from hilum.outputs import OutputFolder
from hilum.training.options import TrainOptions
from hilum.training.train import train


def trained_on(table, name, *, audited=None, external=None, command=None, **options):
    asked = TrainOptions(backbone=name, **options)
    found = asked.weights_of(backbone(name), None)
    return train(table, asked, found, audited=audited, external=external, command=command)


def saved(trained, folder, *, overwrite=False):
    with OutputFolder(folder, MODEL, overwrite=overwrite) as out:
        trained.write(out)
    return out.place
