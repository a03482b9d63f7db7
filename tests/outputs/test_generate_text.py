"""What a model writes depends on the prompt, the decoding and the item's seed, and on nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures("need_torch")
IDS = [[5, 6, 7], [9, 8, 7, 6, 5, 4, 3, 2, 1, 40, 41], [50]]
SEEDS = [11, 12, 13]


@pytest.fixture(scope="module")
def opened(llama: str):
    """A tiny model, opened."""
    from judgeaudit.judges.transformers.open_model import Source, open_model

    return open_model(Source(model=llama, where="here"), task="write", max_tokens=512, chats=False)


def wrote(opened, ids, seeds, **decoding):
    from judgeaudit.outputs.generate_text import Decoding, texts

    return texts(opened.model, opened.tokenizer, ids, seeds, Decoding(max_new_tokens=12, **decoding))


@pytest.mark.parametrize("decoding", [{}, {"temperature": 1.0}, {"temperature": 2.0, "top_p": 0.9}])
def test_texts_alone_and_together_agree(opened, decoding):
    """A text does not depend on what is written beside it, so a run that was cut off goes on as if nothing had been."""
    together = wrote(opened, IDS, SEEDS, **decoding)
    alone = [one for ids, seed in zip(IDS, SEEDS, strict=True) for one in wrote(opened, [ids], [seed], **decoding)]
    assert alone == together


def test_another_seed_draws_another_text(opened):
    """At a temperature; at 0 the seed changes nothing."""
    assert wrote(opened, IDS, SEEDS, temperature=1.5) != wrote(opened, IDS, [1, 2, 3], temperature=1.5)
    assert wrote(opened, IDS, SEEDS) == wrote(opened, IDS, [1, 2, 3])


def test_the_likeliest_token_is_taken_at_temperature_0(opened):
    """Token by token, as plain passes over the whole text say."""
    import torch

    ids = list(IDS[0])
    for _ in range(12):
        with torch.inference_mode():
            ids.append(int(opened.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        if ids[-1] == opened.tokenizer.eos_token_id:
            break
    (found,) = wrote(opened, [IDS[0]], [1])
    assert found.text == opened.tokenizer.decode(ids[len(IDS[0]) :], skip_special_tokens=True)


def test_a_text_ends_by_itself_or_is_cut_off(opened):
    """The reason is told, and how many tokens it is without the one that ends it."""
    import torch

    bias = opened.model.lm_head.weight
    with torch.no_grad():
        before = bias.clone()
        bias.zero_()  # every token is as likely, so the first one, which ends a text, is taken
    try:
        assert [(one.finish, one.tokens, one.text) for one in wrote(opened, IDS, SEEDS)] == [("stop", 0, "")] * 3
    finally:
        with torch.no_grad():
            bias.copy_(before)
    assert {one.finish for one in wrote(opened, IDS, SEEDS)} == {"length"}


def test_draws_have_the_probabilities_of_the_model():
    """Ten thousand draws of one token: every share lies within five standard errors of its probability."""
    import torch

    from judgeaudit.outputs.generate_text import Decoding, _Drawn

    draws, logits, temperature = 10_000, torch.tensor([2.0, 1.0, 0.0, -1.0]), 0.7
    drawn = _Drawn(range(draws), Decoding(temperature=temperature))
    scores = drawn(torch.empty(0), logits.expand(draws, 4))
    found = Counter(scores.argmax(dim=-1).tolist())
    for token, share in enumerate(torch.softmax(logits / temperature, dim=-1).tolist()):
        error = (share * (1 - share) / draws) ** 0.5
        assert abs(found[token] / draws - share) < 5 * error


@given(weights=st.lists(st.floats(0.01, 10), min_size=1, max_size=12), top_p=st.floats(0.01, 1, exclude_max=True))
def test_top_p_leaves_the_smallest_set_that_holds_it(weights, top_p):
    """What is left holds at least top_p, and less than that without its least likely token."""
    import torch

    from judgeaudit.outputs.generate_text import _beyond

    shares = torch.tensor(weights, dtype=torch.float64)
    shares = shares / shares.sum()
    kept = shares[~_beyond(shares.log()[None], top_p)[0]]
    assert float(kept.sum()) >= top_p - 1e-9
    assert float(kept.sum() - kept.min()) < top_p + 1e-9
    assert float(kept.max()) == float(shares.max())
