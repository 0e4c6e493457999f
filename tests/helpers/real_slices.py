"""A part of the real data set, where a fact does not need all of it."""

import shutil


def every_nth(data_set, folder, step):
    """A copy of every n-th slice of each class and split."""
    for source in sorted(path for path in data_set.glob("*/*") if path.is_dir()):
        target = folder / source.relative_to(data_set)
        target.mkdir(parents=True)
        for file in sorted(source.iterdir())[::step]:
            shutil.copy(file, target)
    return folder
