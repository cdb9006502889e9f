# ruff: noqa: E501 - one fault a line
"""Faults to plant in Transformer blocks, models that translate, and decoding."""

from __future__ import annotations

_ENCODER = "keras: layers.TransformerEncoder(9, 2)"
_ENCODER_MASKED = (
    "keras: layers.TransformerEncoder(9, 2, dropout=0.3, activation='tanh'), masked, training"
)
_FIRST = "keras: layers.TransformerEncoder(9, 2, normalize_first=True, dropout=0.3, activation='tanh'), training"
_FIRST_MASKED = "keras: layers.TransformerEncoder(9, 2, normalize_first=True), masked"
_UNEVEN = "keras: layers.TransformerEncoder(9, 3), heads that do not divide"
_DECODER = "keras: layers.TransformerDecoder(9, 2)"
_MEMORY = "keras: layers.TransformerDecoder(9, 2), memory"
_MEMORY_MASKED = "keras: layers.TransformerDecoder(9, 2, normalize_first=True), memory, masked"
_LEARNED = "keras: layers.TokenAndPositionEmbedding(11, 7, 6), learned"
_WAVES = "keras: layers.TokenAndPositionEmbedding(11, 7, 6), sinusoidal"
_GRU = "keras: models.Seq2Seq(cell='gru', attention=None) step by step"
_LSTM = "keras: models.Seq2Seq(cell='lstm', attention=None) step by step"
_DOT = "keras: models.Seq2Seq(cell='lstm', attention='dot') step by step"
_ADDITIVE = "keras: models.Seq2Seq(cell='gru', attention='additive') step by step"
_TRANSFORMER = "keras: models.Transformer() step by step"
_DEEP = "keras: models.Transformer(num_layers=2, dropout=0.2, normalize_first=True, positions='learned') step by step"
_BEAM = "keras: models.beam_search, length_penalty=0.0"
_BEAM_PENALTY = "keras: models.beam_search, length_penalty=0.75"
_GREEDY = "keras: models.greedy_decode"

_LAYERS = [
    # layers/residual.py
    ("residual", "return x + inner(norm(x))", "return norm(x) + inner(norm(x))", _FIRST),
    ("residual", "return x + inner(norm(x))", "return norm(x + inner(x))", _FIRST_MASKED),
    ("residual", "return norm(x + inner(x))", "return norm(inner(x))", _ENCODER),
    ("residual", "return norm(x + inner(x))", "return x + norm(inner(x))", _DECODER),
    ("residual", "return dy + norm_backward(inner_backward(dy))", "return norm_backward(inner_backward(dy))", _FIRST),
    ("residual", "return dy + norm_backward(inner_backward(dy))", "return dy + inner_backward(norm_backward(dy))", _FIRST),
    ("residual", "return dsum + inner_backward(dsum)", "return dsum + inner_backward(dy)", _ENCODER),
    ("residual", "return dsum + inner_backward(dsum)", "return dsum", _MEMORY),
    ("residual", "LayerNormalization(epsilon=self.layer_norm_epsilon)", "LayerNormalization()", _UNEVEN),
    ("residual", "lambda x: drop.forward(inner(x), training=training)", "lambda x: inner(drop.forward(x, training=training))", _FIRST),
    ("residual", "lambda dy: inner_backward(drop.backward(dy))", "lambda dy: inner_backward(dy)", _ENCODER_MASKED),
    ("residual", 'dhidden = self.parts["feedforward_output"].backward(dy)', 'dhidden = 2 * self.parts["feedforward_output"].backward(dy)', _ENCODER),
    # layers/transformer.py
    ("transformer", 'self.parts["self_attention"].forward([x, x], mask=[None, mask])', 'self.parts["self_attention"].forward([x, x])', _ENCODER_MASKED),
    ("transformer", 'self.parts["self_attention"].forward([x, x], mask=[None, mask])', 'self.parts["self_attention"].forward([x, x], mask=[mask, None])', _FIRST_MASKED),
    ("transformer", "self._dense(self.intermediate_dim, self.activation),", "self._dense(self.intermediate_dim),", _ENCODER),
    ("transformer", "dense = self._dense(self.intermediate_dim, self.activation)", "dense = self._dense(self.intermediate_dim)", _DECODER),
    ("transformer", '"use_causal_mask": True', '"use_causal_mask": False', _DECODER),
    ("transformer", '"mask": [None, own_mask]', '"mask": None', _MEMORY_MASKED),
    ("transformer", "forward([x, memory], mask=[None, memory_mask])", "forward([x, memory])", _MEMORY_MASKED),
    ("transformer", 'y = self._around("cross_attention", y, look_up', 'y = self._around("cross_attention", target, look_up', _MEMORY),
    ("transformer", "by_memory.append(dmemory)", "by_memory.append(0 * dmemory)", _MEMORY),
    ("transformer", '            dx = self._back_around("cross_attention", dx, look_up_backward)', '            self._back_around("cross_attention", dx, look_up_backward)', _MEMORY),
    ("transformer", 'dx = self._back_around("feedforward", dy, self._feed_forward_backward)\n        if several', 'dx = dy + 0 * self._back_around("feedforward", dy, self._feed_forward_backward)\n        if several', _DECODER),
    # layers/token_positions.py
    ("token_positions", "scale * vectors + positions[: x.shape[1]]", "scale * vectors + positions[-x.shape[1] :]", _LEARNED),
    ("token_positions", "scale * vectors + positions[: x.shape[1]]", "vectors + positions[: x.shape[1]]", _WAVES),
    ("token_positions", "embedding_backward(scale * dy, embedding_cache)", "embedding_backward(dy, embedding_cache)", _WAVES),
    ("token_positions", "dpositions[: dy.shape[1]] = dy.sum(axis=0)", "dpositions[: dy.shape[1]] = dy.mean(axis=0)", _LEARNED),
    ("token_positions", "dpositions[: dy.shape[1]] = dy.sum(axis=0)", "dpositions[-dy.shape[1] :] = dy.sum(axis=0)", _LEARNED),
    ("token_positions", "float(self.embedding_dim**0.5)", "float(self.embedding_dim)", _WAVES),
]  # fmt: skip

_MODELS = [
    # models/seq2seq.py
    ("seq2seq", "return self.encoder.forward(vectors, mask=source != PADDING)", "return self.encoder.forward(vectors)", _GRU),
    ("seq2seq", "self.decoder.forward(vectors, initial_state=states)", "self.decoder.forward(vectors)", _GRU),
    ("seq2seq", "self.decoder.forward(vectors, initial_state=states)", "self.decoder.forward(vectors, initial_state=states[::-1])", _LSTM),
    ("seq2seq", "mask=[None, mask])", "mask=None)", _ADDITIVE),
    ("seq2seq", "self.encoder.backward([dmemory, *dstates])", "self.encoder.backward([dmemory, *(0 * d for d in dstates)])", _GRU),
    ("seq2seq", "self.encoder.backward([dmemory, *dstates])", "self.encoder.backward([dmemory, *dstates[::-1]])", _LSTM),
    ("seq2seq", "self.encoder.backward([dmemory, *dstates])", "self.encoder.backward([0 * dmemory, *dstates])", _DOT),
    ("seq2seq", "concatenate.forward([context, y])", "concatenate.forward([y, context])", _DOT),
    ("seq2seq", "dcontext, dy = self.concatenate", "dy, dcontext = self.concatenate", _DOT),
    ("seq2seq", "return dy + dquery, dmemory", "return dy, dmemory", _DOT),
    ("seq2seq", "dmemory = dmemory + self.key.backward(dkey[0])", "self.key.backward(dkey[0])", _ADDITIVE),
    ("seq2seq", "dquery = self.query.backward(dquery)", "self.query.backward(dquery)", _ADDITIVE),
    ("seq2seq", "self.target_embedding.backward(self.decoder.backward([dy, *nothing]))", "self.target_embedding.backward(self.decoder.backward([dy[:, ::-1], *nothing]))", _LSTM),
    # models/transformer.py
    ("transformer", 'options = {"mask": source != PADDING} if', 'options = {"mask": None} if', _TRANSFORMER),
    ("transformer", "masks = [target != PADDING, mask]", "masks = [target != PADDING, None]", _TRANSFORMER),
    ("transformer", "dmemory = dmemory + by_memory", "dmemory = by_memory", _DEEP),
    ("transformer", "for layer in reversed(self.encoder):", "for layer in self.encoder:", _DEEP),
    ("transformer", "            dmemory = layer.backward(dmemory)\n", "            layer.backward(dmemory)\n", _DEEP),
    ("transformer", "x = layer.forward([x, memory], training=training, mask=masks)", "x = layer.forward([memory[:, :1] + x, memory], training=training, mask=masks)", _TRANSFORMER),
    # models/decoding.py
    ("decoding", "tokens = np.where(finished, PADDING, log_p.argmax(axis=-1))", "tokens = log_p.argmax(axis=-1)", _GREEDY),
    ("decoding", "scores += np.where(finished, 0, log_p.max(axis=-1))", "scores += log_p.max(axis=-1)", _GREEDY),
    ("decoding", "log_p.argmax(axis=-1))", "log_p.argmin(axis=-1))", _GREEDY),
    ("decoding", "        finished = finished | (tokens == end_token)\n", "        finished = tokens == end_token\n", _GREEDY),
    ("decoding", "sums[:, 0] = 0", "sums[:, :] = 0", _BEAM),
    ("decoding", "np.where(finished[..., np.newaxis], only_padding, log_p)", "log_p", _BEAM),
    ("decoding", "lengths = lengths + ~finished\n", "lengths = lengths + 1\n", _BEAM_PENALTY),
    ("decoding", "sums = extended[rows, parent, token]", "sums = np.sort(extended.reshape(batch, -1), axis=-1)[:, :width]", _BEAM),
    ("decoding", "state = _pick(state, (rows * width + parent).ravel())", "pass", _BEAM),
    ("decoding", "state = _pick(state, (rows * width + parent).ravel())", "state = _pick(state, parent.ravel())", _BEAM),
    ("decoding", "[tokens[rows, parent], token[..., np.newaxis]]", "[tokens, token[..., np.newaxis]]", _BEAM),
    ("decoding", "finished[rows, parent] | (token == end_token)", "finished | (token == end_token)", _BEAM),
    ("decoding", "lengths[rows, parent], finished", "lengths, finished", _BEAM_PENALTY),
    ("decoding", "(sums / lengths**alpha)", "(sums * lengths**alpha)", _BEAM_PENALTY),
    ("decoding", "np.argsort(-flat, axis=-1", "np.argsort(flat, axis=-1", _BEAM),
    ("decoding", "np.divmod(order, scores.shape[-1])", "(order // width, order % scores.shape[-1])", _BEAM_PENALTY),
]  # fmt: skip

FAULTS = [
    *((f"layers/{file}.py", *rest) for file, *rest in _LAYERS),
    *((f"models/{file}.py", *rest) for file, *rest in _MODELS),
]
