/**
 * What is added to the text encoder's attention scores: a token sees itself and earlier ones, and nobody sees a masked token.
 * @param mask batch × tokens, 0 hides a token; absent = all are visible
 * @returns (batch, 1, tokens, tokens)
 */
export function attentionBias(batch: number, tokens: number, mask?: ArrayLike<number>): Float32Array {
  // The most negative float32, as transformers uses: a row that is masked entirely still has a finite softmax.
  const hidden = -3.4028234663852886e38;
  const bias = new Float32Array(batch * tokens * tokens);
  for (let item = 0; item < batch; item++) {
    for (let query = 0; query < tokens; query++) {
      for (let key = 0; key < tokens; key++) {
        if (key > query || mask?.[item * tokens + key] === 0) bias[(item * tokens + query) * tokens + key] = hidden;
      }
    }
  }
  return bias;
}
