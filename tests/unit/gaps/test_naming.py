"""Names of topics: words that set a topic apart, and its central question."""

from __future__ import annotations

import numpy as np

from qatui.services.gaps.naming import count_words, name_topic, question_words


def test_words_of_asking_name_nothing() -> None:
    assert question_words("Hello, can you please help me with it?") == frozenset()
    assert question_words("How do I change the voltage of my kettle’s plug?") == {"change", "voltage", "kettle", "plug"}


def test_the_terms_are_frequent_here_and_rare_elsewhere() -> None:
    kettles = ["My kettle leaks on the table", "Kettle leaks at the lid", "leaking kettle, is the table safe?"]
    others = ["The table arrived late", "Where is my table?", "Which table is larger?", "table legs missing"]
    background = count_words(kettles + others)
    name = name_topic(kettles, np.eye(3, dtype=np.float32), background, 7)
    assert name.terms == ("kettle", "leaks", "table")
    assert name.text == "kettle, leaks, table"


def test_forms_of_one_word_are_named_once() -> None:
    texts = ["refund refunds pending", "refund refunds pending"]
    assert name_topic(texts, np.eye(2, dtype=np.float32), count_words(texts), 2).terms == ("pending", "refund")


def test_a_question_without_words_of_its_own_has_an_empty_name() -> None:
    assert name_topic(["?!"], np.zeros((1, 3), np.float32), count_words(["?!"]), 1).text == ""


def test_the_question_is_the_central_one() -> None:
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    assert name_topic(["a b", "c d", "e f"], vectors, count_words([]), 3).question == 1
