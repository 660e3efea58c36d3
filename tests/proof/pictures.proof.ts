import { comparePictures, openPictured, PICTURED_MODELS, readPictureOracle, TOLERANCE } from "../parity/compare-pictures.js";

/*
 * Claim: every prompt of the oracle, drawn with every sampler that diffusers has, is diffusers' picture: a mean difference of at most 0.1 and a
 * largest one of at most 4 grey levels of 255.
 */
let pictures = 0;
for (const model of PICTURED_MODELS) {
  const session = await openPictured(model);
  const { prompts, samplers } = readPictureOracle(model);
  for (const sampler of Object.keys(samplers)) {
    const { mean, largest } = await comparePictures(session, model, sampler, [...prompts.keys()]);
    console.log(`${model} ${sampler}: mean ${mean.toFixed(4)}, largest ${largest}`);
    if (mean > TOLERANCE.mean || largest > TOLERANCE.largest) process.exitCode = 1;
    pictures += prompts.length;
  }
}
console.log(`${pictures} pictures compared`);
