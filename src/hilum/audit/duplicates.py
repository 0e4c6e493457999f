"""Near-duplicates: groups of slices that look alike, found without a matrix of all pairs.

The similarity of two pictures is the correlation of their grey signatures. Groups are the connected components of the
pairs above a similarity. Groups at all similarities can be read from a maximum spanning forest, which has fewer links
than pictures.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hilum.brief import Brief
from hilum.slices.components import components, spanning_forest

SAME_SLICE = 0.99
LOOK_ALIKE = 0.87  # likeness of strict unless the data ask for a lower one (docs/protocols.md)
SIMILARITIES = (0.80, 0.82, 0.84, 0.85, 0.86, 0.87, 0.88, 0.90, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
_LARGE = 10_000
_LOWEST_OF_LARGE = 0.85  # nearly all pairs of a large set are alike at 0.80
_COMPONENTS, _SAMPLE = 64, 300
_ROWS, _COLUMNS = 1024, 1024  # size of a block of pictures that are compared at a time
_DENSE = 16  # with one possible pair in this many or more, comparing the whole block is faster
_ROUNDING = 1e-4  # error of float32 sums
_TURNS = ((1, False), (2, False), (0, True), (1, True), (2, True), (3, True))  # (quarter turns, mirrored)


@dataclass(frozen=True, repr=False)
class Links(Brief):
    """A maximum spanning forest over n pictures, from which groups at any similarity of at least `lowest` are read.

    Attributes:
        count: Number of pictures, n.
        lowest: The lowest correlation that was looked for.
        pairs: Linked pictures, `[links, 2]`.
        similarities: Correlations of the linked pictures, `[links]`.
        turned: Whether one picture had to be turned by right angles or mirrored to match, `[links]`.
    """

    count: int
    lowest: float
    pairs: NDArray[np.intp]
    similarities: NDArray[np.float64]
    turned: NDArray[np.bool_]

    def groups(self, similarity: float) -> NDArray[np.intp]:
        """The group of each picture, `[n]`: components of the links above a similarity of at least `lowest`."""
        if similarity < self.lowest:
            raise ValueError(f"links were looked for from {self.lowest} up, not from {similarity}")
        return components(self.count, self.pairs[self.similarities > similarity])


def link(
    signatures: NDArray[np.uint8], turnable: NDArray[np.uint8] | None = None, lowest: float | None = None
) -> Links:
    """Links pictures that look alike, at 0.99 also after turning by right angles or mirroring.

    A chest is roughly its own mirror image, so a lower similarity of mirrored pictures says nothing and is not looked
    for.

    65 numbers of each picture bound the similarity of a pair from above; only pairs whose bound is high enough are
    compared in full. Only a spanning forest of the links is held. No pair above the lowest similarity is missed.

    Args:
        signatures: Grey pictures `[n, side, side]`.
        turnable: Signatures for comparing turned pictures: those of a turned picture are themselves turned. By default
            `signatures`.
        lowest: The lowest correlation of interest; by default that of `lowest_of`.
    """
    lowest = lowest_of(len(signatures)) if lowest is None else lowest
    pictures = _Pictures(signatures)
    forest = _Forest(len(signatures))
    for first, second, similarities in _alike(pictures, pictures, lowest, once=True):
        forest.add(first, second, similarities, turned=False)
    if turnable is not None:
        pictures = _Pictures(turnable, pictures.basis)
    for turns, mirrored in _TURNS:
        square = np.rot90(signatures if turnable is None else turnable, turns, (1, 2))
        other = _Pictures(square[:, :, ::-1] if mirrored else square, pictures.basis)
        # A quarter turn is undone by three, so both orders of a pair are compared; the others undo themselves.
        once = mirrored or turns == 2
        for first, second, similarities in _alike(pictures, other, SAME_SLICE, once):
            forest.add(first, second, similarities, turned=True)
    return Links(len(signatures), lowest, *forest.links())


def lowest_of(count: int) -> float:
    """The lowest correlation of interest in a set of so many pictures, unless a lower one is asked for."""
    return SIMILARITIES[0] if count < _LARGE else _LOWEST_OF_LARGE


def alike_pairs(
    signatures: NDArray[np.uint8], lowest: float
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]]:
    """All pairs of upright pictures that correlate by more than `lowest`, each once, block by block.

    Yields:
        The first and the second pictures of the pairs, and their correlations.
    """
    pictures = _Pictures(signatures)
    for first, second, similarities in _alike(pictures, pictures, lowest, once=True):
        once = first < second
        yield first[once], second[once], similarities[once]


def nearest(
    pictures: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    others: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    lowest: float,
) -> NDArray[np.float64]:
    """The highest correlation of each picture with any of some others, as `link` compares them.

    Args:
        pictures: Upright and turnable signatures, `[n, side, side]` each (`hilum.audit.signature`).
        others: The same of the other pictures, `[m, side, side]` each.
        lowest: The lowest correlation of interest.

    Returns:
        Correlations above `lowest`, and 0 for pictures without one, `[n]`. At 0.99, turned pictures count too.
    """
    found = np.zeros(len(pictures[0]))
    upright, turnable = _Pictures(others[0]), _Pictures(others[1])
    for turns, mirrored in ((0, False), (3, False), *_TURNS):
        turned = turns or mirrored
        there, square = (turnable if turned else upright), np.rot90(pictures[bool(turned)], turns, (1, 2))
        here = _Pictures(square[:, :, ::-1] if mirrored else square, there.basis)
        for rows, _, similarities in _alike(here, there, SAME_SLICE if turned else lowest, once=False, one_set=False):
            np.maximum.at(found, rows, similarities)
    return found


class _Pictures:
    """Pictures as unit vectors of mean 0, made block by block, and 65 numbers of each that bound any correlation.

    The numbers are coordinates on 64 principal components and the length of the rest: by Cauchy and Schwarz the
    product of two pictures' numbers is at least their correlation. Flat pictures are 0 and match nothing.
    """

    def __init__(self, pictures: NDArray[np.uint8], basis: NDArray[np.float32] | None = None) -> None:
        self._flat = pictures.reshape(len(pictures), -1)
        self.basis = self._principal_components() if basis is None else basis
        blocks = (self.units(np.arange(i, min(i + _ROWS, len(pictures)))) for i in range(0, len(pictures), _ROWS))
        self.bounds = np.concatenate([self._bounds(block) for block in blocks])

    @cached_property
    def _lengths(self) -> NDArray[np.float32]:
        """The lengths of the vectors of mean 0, which comparing whole blocks does not need, `[n]`."""
        return np.array([len(row) ** 0.5 * row.std() for row in self._flat], np.float32)

    def units(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        vectors = self._flat[rows].astype(np.float32)
        vectors -= vectors.mean(1, keepdims=True)
        length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
        np.divide(vectors, length, out=vectors, where=length > 0)
        return vectors

    def products(self, unit: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Correlations of some pictures with one unit vector of mean 0."""
        products: NDArray[np.float32] = self._flat[rows].astype(np.float32) @ unit
        return np.divide(products, self._lengths[rows], out=np.zeros_like(products), where=self._lengths[rows] > 0)

    def _bounds(self, units: NDArray[np.float32]) -> NDArray[np.float32]:
        inside = units @ self.basis
        rest = np.sqrt((np.einsum("ij,ij->i", units, units) - np.einsum("ij,ij->i", inside, inside)).clip(min=0))
        return np.concatenate([inside, rest[:, None]], axis=1)

    def _principal_components(self) -> NDArray[np.float32]:
        sample = self.units(np.random.default_rng(0).permutation(len(self._flat))[:_SAMPLE])
        # Not centred: the product of the coordinates has to approach that of the vectors themselves.
        # Of the few pictures' products, not of all pixels: a fraction of the work, and QR makes any basis orthonormal.
        vectors = np.linalg.eigh(sample @ sample.T)[1][:, : -_COMPONENTS - 1 : -1]
        basis: NDArray[np.float32] = np.linalg.qr(sample.T @ vectors)[0]
        return np.ascontiguousarray(basis)


class _Forest:
    """Links gathered so far, reduced to a maximum spanning forest when there are many."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._links = (np.empty((0, 2), np.intp), np.empty(0), np.empty(0, np.bool_))
        self._new: list[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]] = []
        self._joined: list[tuple[float, NDArray[np.intp]]] = []

    def add(
        self, first: NDArray[np.intp], second: NDArray[np.intp], similarities: NDArray[np.float64], turned: bool
    ) -> None:
        for similarity, groups in self._joined:  # a link weaker than all of a path between its ends adds nothing
            useful = (similarities >= similarity) | (groups[first] != groups[second])
            first, second, similarities = first[useful], second[useful], similarities[useful]
        pairs = np.sort(np.stack([first, second], 1), axis=1)
        self._new.append((pairs, similarities, np.full(len(pairs), turned)))
        if sum(len(part[1]) for part in self._new) > max(8 * self._count, 100_000):
            self.links()

    def links(self) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
        """Pairs of the forest, their similarities, and whether they matched after turning."""
        parts = [self._links, *self._new]
        pairs, similarities, turned = (np.concatenate(column) for column in zip(*parts, strict=True))
        # A pair may match both ways; the higher similarity is kept, on ties the unturned one.
        order = np.lexsort((2 * (pairs[:, 0] * self._count + pairs[:, 1]) + turned, -similarities))
        kept = order[spanning_forest(self._count, pairs[order])]
        self._links, self._new = (pairs[kept], similarities[kept], turned[kept]), []
        levels = np.quantile(similarities[kept], (0, 0.25, 0.5, 0.75)) if len(kept) else []
        self._joined = [(one, components(self._count, pairs[kept][similarities[kept] >= one])) for one in levels]
        return self._links


def _alike(
    here: _Pictures, there: _Pictures, lowest: float, once: bool, one_set: bool = True
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]]:
    """Pairs of different pictures, one from each side, that correlate by more than `lowest`.

    With `once`, a pair may come in one order only. With `one_set`, both sides number the same pictures.
    """
    n = len(here.bounds)
    for start in range(0, n, _ROWS):
        rows = np.arange(start, min(start + _ROWS, n))
        units = None
        for begin in range(start if once else 0, len(there.bounds), _COLUMNS):
            columns = np.arange(begin, min(begin + _COLUMNS, len(there.bounds)))
            possible = np.flatnonzero(here.bounds[rows] @ there.bounds[columns].T > lowest - _ROUNDING)
            i, j = np.divmod(possible, len(columns))
            if one_set:
                i, j = i[rows[i] != columns[j]], j[rows[i] != columns[j]]
            if not len(i):
                continue
            units = here.units(rows) if units is None else units
            if len(i) * _DENSE > len(rows) * len(columns):
                similarities = (units @ there.units(columns).T)[i, j]
            else:
                starts = np.searchsorted(i, np.arange(len(rows) + 1))
                similarities = np.concatenate(
                    [there.products(units[row], columns[j[starts[row] : starts[row + 1]]]) for row in np.unique(i)]
                )
            kept = similarities > lowest
            yield rows[i[kept]], columns[j[kept]], similarities[kept].astype(np.float64).clip(max=1.0)
