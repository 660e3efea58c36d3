import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { findCommand } from "../../images/metadata/read-command.js";
import { keptLevels } from "../../images/painting/masks.js";
import { adjustInitImage, type InitImage, initImageSize, readInitImage } from "../../images/pixels/init-image.js";
import { textsOf } from "../../images/pixels/picture-file.js";
import type { PixelSize } from "../../images/pixels/resize.js";
import { type RegionSettings, regionOf } from "../../options/painted-region.js";
import type { LineRequest } from "../../options/resolve.js";
import { readTextMask } from "../../options/text-mask.js";
import { paintedRegion, type RegionMask } from "./painted-region.js";
import type { ReadyInit } from "./series.js";
import type { TextMasks } from "./text-masks.js";

/** Where an initial picture lies: as it is named, or else in the folder of pictures, if it is there. */
export function locateInitial(name: string, outdir: string): string {
  if (existsSync(name) || isAbsolute(name)) return name;
  const inOutdir = join(outdir, name);
  return existsSync(inOutdir) ? inOutdir : name;
}

/** The initial pictures of one line, however many lines it is spelled out into: each file is read once and made in each size once. */
export class InitialPictures {
  private readonly files = new Map<string, Promise<InitImage>>();
  private readonly masks = new Map<string, Promise<InitImage>>();
  private readonly ready = new Map<string, Promise<ReadyInit>>();
  private readonly told = new Set<string>();

  /**
   * @param say shows one line
   * @param textMasks makes the masks of `-tm`
   */
  constructor(
    private readonly say: (text: string) => void,
    private readonly textMasks: Pick<TextMasks, "mask">,
  ) {}

  /**
   * Reads a file and tells what it is.
   *
   * @throws DreamError file/*, image/*
   */
  read(path: string): Promise<InitImage> {
    const known = this.files.get(path);
    if (known !== undefined) return known;
    const reading = readInitImage(path).then((image) => {
      this.tell(`>> loaded input image of size ${image.width}x${image.height} from ${path}`);
      for (const note of image.notes) this.tell(`>> ${note}`);
      return image;
    });
    this.files.set(path, reading);
    return reading;
  }

  /**
   * Reads the file of a mask (`-M`).
   *
   * @throws DreamError file/*, image/*
   */
  readMask(path: string): Promise<InitImage> {
    const known = this.masks.get(path);
    if (known !== undefined) return known;
    const reading = readInitImage(path).then((mask) => {
      for (const note of mask.notes) this.tell(`>> ${note}`);
      return mask;
    });
    this.masks.set(path, reading);
    return reading;
  }

  /**
   * The prompt of the line that made the picture; undefined when the file does not tell one.
   *
   * @throws DreamError file/*, image/*
   */
  async promptOf(path: string): Promise<string | undefined> {
    const { file } = await this.read(path);
    const found = findCommand(textsOf(file), path);
    if (found === undefined || found.verb !== undefined || found.parsed.prompt.trim() === "") return undefined;
    this.tell(`>> Retrieved old prompt "${found.parsed.prompt}" from ${path}`);
    return found.parsed.prompt;
  }

  /**
   * The picture that settings begin with, in the size that is made of it.
   *
   * @param native size of the model's pictures
   * @returns undefined for a picture from text alone
   * @throws DreamError file/*, image/*, usage/line
   */
  async prepare(settings: LineRequest["settings"], native: PixelSize): Promise<ReadyInit | undefined> {
    const { initImg, fit, width, height } = settings;
    if (initImg === undefined) return undefined;
    const image = await this.read(initImg);
    if (image.width < native.width && image.height < native.height) {
      const least = `${native.width}x${native.height}`;
      this.tell(
        `>> WARNING: img2img and inpainting may produce unexpected results with initial images smaller than ${least} in both dimensions`,
      );
    }
    if (fit) this.tell(`>> image will be resized to fit inside a box ${width}x${height} in size.`);
    const size = initImageSize(image, fit ? { width, height } : undefined);
    if (fit || size.width !== image.width || size.height !== image.height) {
      this.tell(`>> after adjusting image dimensions to be multiples of 64, init image is ${size.width}x${size.height}`);
    }
    return this.inSize(image, settings, size);
  }

  private inSize(image: InitImage, settings: RegionSettings, size: PixelSize): Promise<ReadyInit> {
    const key = JSON.stringify([size, image.file.path, regionOf(settings)]);
    return this.once(key, () => this.makeReady(image, settings, size));
  }

  /** What is made of an initial picture, made once for all lines that want the same. @param key says what it is made of, and how */
  once(key: string, make: () => Promise<ReadyInit>): Promise<ReadyInit> {
    const known = this.ready.get(key);
    if (known !== undefined) return known;
    const making = make();
    this.ready.set(key, making);
    return making;
  }

  private async makeReady(image: InitImage, settings: RegionSettings, size: PixelSize): Promise<ReadyInit> {
    const mask = await this.maskOf(image, settings);
    const region = await paintedRegion({ image, mask, settings }, size, (text) => this.tell(text));
    return { ...(await adjustInitImage(image, size)), hash: image.hash, region };
  }

  private async maskOf(image: InitImage, { initMask, textMask }: RegionSettings): Promise<RegionMask | undefined> {
    if (initMask !== undefined) {
      const { file, ...mask } = await this.readMask(initMask);
      return { width: mask.width, height: mask.height, levels: keptLevels(mask), origin: file.path };
    }
    if (textMask === undefined) return undefined;
    const mask = await this.textMasks.mask(image, readTextMask(textMask));
    this.tell(`>> ${mask.note}`);
    return mask;
  }

  /** A sweep asks for the same picture again and again. */
  private tell(text: string): void {
    if (!this.told.has(text)) this.say(text);
    this.told.add(text);
  }
}
