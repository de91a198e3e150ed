"""A random question-answering model of a few thousand weights, saved as any model is."""

from __future__ import annotations

from pathlib import Path


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
