"""Proofs of matrix functions at sizes that take up to half a minute each."""
import pytest

from minigrad import prove
from minigrad.proving import linalg


@pytest.mark.parametrize("function", linalg.LARGER, ids=lambda f: f.__name__)
def test_a_matrix_function_is_proved_at_larger_sizes_too(function):
    for proof in prove.prove_function(function, large=True):
        assert proof.status == "PROVED", proof.detail
        assert len(proof.cases) > len(prove.prove_function(function)[0].cases)
