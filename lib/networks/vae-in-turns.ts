import type { VaeDecoder, VaeEncoder } from "./network-sessions.js";

/**
 * An encoder that is never in memory together with its decoder: that one goes before a picture is encoded, this one behind it. Either is built
 * again when it is needed, in about a second at the size of Stable Diffusion 1.5.
 */
export function inTurns(encoder: VaeEncoder, decoder: Pick<VaeDecoder, "release">): VaeEncoder {
  const { encodeInBands } = encoder;
  const alone = async <Result>(encode: () => Promise<Result>): Promise<Result> => {
    await decoder.release();
    try {
      return await encode();
    } finally {
      await encoder.release();
    }
  };
  return {
    encode: (picture, shape) => alone(() => encoder.encode(picture, shape)),
    encodeInBands: encodeInBands && ((picture, shape, between) => alone(() => encodeInBands(picture, shape, between))),
    release: () => encoder.release(),
  };
}
