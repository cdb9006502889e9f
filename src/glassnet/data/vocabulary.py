"""Characters as numbers, and back."""

from __future__ import annotations

import numpy as np

from .._validation import as_labels, positive_int

__all__ = ["END", "PADDING", "START", "Vocabulary"]

PADDING, START, END = 0, 1, 2
"""Tokens that are no characters: they fill a sequence up, open it, and close it."""


class Vocabulary:
    """The characters of some texts, each with a number of its own: its token.

    The tokens 0, 1 and 2 fill a sequence up, open it and close it; the characters follow in the
    order of their code points.

    Parameters
    ----------
    texts : iterable of str
        Where the characters come from.

    Attributes
    ----------
    characters : str
        The character of token 3, of token 4 and so on.

    Raises
    ------
    ValueError
        If something is not a text, or there is no character at all.
    """

    def __init__(self, texts):
        texts = _checked_texts(texts)
        self.characters = "".join(sorted(set("".join(texts))))
        if not self.characters:
            raise ValueError("A Vocabulary needs at least one character. Received: none")
        self._tokens = {character: END + 1 + i for i, character in enumerate(self.characters)}

    def __len__(self):
        """How many tokens there are, those that are no characters among them."""
        return END + 1 + len(self.characters)

    def encode(self, texts, start=False, end=True, length=None):
        """Return the tokens of texts, one row a text, filled up with 0.

        Parameters
        ----------
        texts : iterable of str
        start, end : bool
            Whether a row opens with the token 1, and closes with the token 2.
        length : int, optional
            Length of the rows; that of the longest if not given.

        Returns
        -------
        ndarray of int64, shape (texts, length)

        Raises
        ------
        ValueError
            If a character is not in the vocabulary, or a text does not fit into `length`.
        """
        texts = _checked_texts(texts)
        opening, closing = [START] * bool(start), [END] * bool(end)
        rows = [[*opening, *map(self._token, text), *closing] for text in texts]
        longest = max(map(len, rows), default=0)
        length = max(longest, 1) if length is None else positive_int(length, "length")
        if longest > length:
            raise ValueError(
                f"`length` must leave room for every text. Received: length={length}, "
                f"a text of {longest} tokens"
            )
        tokens = np.full((len(rows), length), PADDING, np.int64)
        for row, values in zip(tokens, rows, strict=True):
            row[: len(values)] = values
        return tokens

    def decode(self, tokens):
        """Return the texts of rows of tokens, each up to its end.

        Parameters
        ----------
        tokens : array_like of int, shape (texts, length)

        Returns
        -------
        list of str

        Raises
        ------
        ValueError
            If there are not two axes, or a token is not in the vocabulary.
        """
        tokens = as_labels(tokens, len(self), "tokens")
        if tokens.ndim != 2:
            raise ValueError(
                f"`tokens` must have shape (texts, length). Received: shape={tokens.shape}"
            )
        return [self._text(row) for row in tokens.tolist()]

    def _token(self, character):
        try:
            return self._tokens[character]
        except KeyError:
            raise ValueError(
                f"The vocabulary has the characters {self.characters!r}. Received: {character!r}"
            ) from None

    def _text(self, row):
        row = row[: row.index(END)] if END in row else row
        return "".join(self.characters[token - END - 1] for token in row if token > END)

    def __repr__(self):
        return f"Vocabulary of {len(self)} tokens: {self.characters!r}"


def _checked_texts(texts):
    texts = [texts] if isinstance(texts, str) else list(texts)
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"`texts` must be a list of texts. Received: {text!r}")
    return texts
