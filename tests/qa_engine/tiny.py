"""Models of a few thousand weights, saved as any model is: a span reader and rerankers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TINY_WORDS = (
    *("tent", "boot", "jacket", "stove", "filter", "pole", "mat", "lamp", "pack"),
    *("voucher", "label", "parcel", "refund", "order"),
)


def save_tiny_encoder(folder: Path) -> str:
    """A BERT of two thin layers, with a vocabulary of its own; returns the folder's name."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(4)
    folder.mkdir()
    letters = [
        f"{mark}{one}" for one in "abcdefghijklmnopqrstuvwxyz0123456789" for mark in ("", "##")
    ]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *TINY_WORDS, *letters, ".", ","]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=256,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return str(folder)


def save_tiny_reader(directory: Path) -> None:
    import torch
    from transformers import BertConfig, BertForQuestionAnswering, BertTokenizerFast

    torch.manual_seed(3)
    vocabulary = directory / "vocab.txt"
    characters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = [f"{mark}{one}" for one in characters for mark in ("", "##")]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces, *"?.,€%-"]
    vocabulary.write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(directory)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=512,
    )
    BertForQuestionAnswering(config).save_pretrained(directory)


def save_tiny_reranker(directory: Path, *, likes: str = "", labels: int = 1) -> None:
    """A cross-encoder: of random weights, or one that prefers every text with a certain word.

    With `likes` the attention is a mean over the tokens, and of all words only that one has a
    vector that is not nought.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(5)
    directory.mkdir(exist_ok=True)
    vocabulary = directory / "vocab.txt"
    characters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = [f"{mark}{one}" for one in characters for mark in ("", "##")]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *filter(None, [likes]), *pieces]
    vocabulary.write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(directory)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=256,
        num_labels=labels,
    )
    model = BertForSequenceClassification(config)
    if likes:
        _prefer(model, words.index(likes))
    model.save_pretrained(directory)


def _prefer(model: Any, word: int) -> None:
    import torch

    layer = model.bert.encoder.layer[0]
    with torch.no_grad():
        for name, one in model.named_parameters():
            if "LayerNorm" not in name:
                one.zero_()
        model.bert.embeddings.word_embeddings.weight[word, 0] = 1
        for dense in (
            layer.attention.self.value, layer.attention.output.dense, model.bert.pooler.dense
        ):  # fmt: skip
            dense.weight.copy_(torch.eye(16))
        model.classifier.weight[0, 0] = 1
