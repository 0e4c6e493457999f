import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csgraph

from hilum.slices.components import components, spanning_forest


@settings(max_examples=50)
@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60))
def test_components_are_scipys(count, pairs):
    pairs = np.array([(a % count, b % count) for a, b in pairs], np.intp).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    number, wanted = csgraph.connected_components(graph, directed=False)
    found = components(count, pairs)
    assert len(np.unique(found)) == number
    assert len(np.unique(np.stack([found, wanted]), axis=1).T) == number
    assert list(np.unique(found, return_index=True)[1]) == sorted(np.unique(found, return_index=True)[1])


@settings(max_examples=30)
@given(st.integers(2, 20), st.integers(0, 2**32 - 1))
def test_the_strongest_links_are_kept_as_scipys_spanning_tree(count, seed):
    random = np.random.default_rng(seed)
    pairs = np.array([(i, j) for i in range(count) for j in range(i) if random.random() < 0.4], np.intp).reshape(-1, 2)
    strengths = np.sort(random.random(len(pairs)))[::-1]
    kept = spanning_forest(count, pairs)
    graph = coo_array((2 - strengths, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    tree = csgraph.minimum_spanning_tree(graph.tocsr())
    np.testing.assert_allclose((2 - strengths[kept]).sum(), tree.sum())
    assert kept.sum() == tree.nnz
