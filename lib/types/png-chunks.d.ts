/** Neither package brings types. */
declare module "png-chunks-extract" {
  function extract(png: Uint8Array): { name: string; data: Uint8Array }[];
  export = extract;
}

declare module "png-chunks-encode" {
  function encode(chunks: readonly { readonly name: string; readonly data: Uint8Array }[]): Uint8Array;
  export = encode;
}
