import { PictureNames } from "../../images/names/file-names.js";
import { prepareOutputFolder } from "../../images/names/output-folder.js";
import { promptFolder, promptFolderNotice } from "../../images/names/prompt-folder.js";
import type { LineRequest } from "../../options/resolve.js";

/** A folder that pictures go to, and the names that one line may use in it. */
export interface PictureFolder {
  readonly path: string;
  readonly names: PictureNames;
}

/** The folders of one line: one, or one for each prompt of a sweep with `--prompt_as_dir`. */
export class PictureFolders {
  private readonly folders = new Map<string, PictureFolder>();

  /** @param say shows one line */
  constructor(private readonly say: (text: string) => void) {}

  /**
   * The folder of a request, checked at every call and made when it is missing: a series takes long, and folders are moved away.
   *
   * @throws DreamError output/unwritable
   */
  async open({ outdir, promptAsDir, settings, fnformat }: LineRequest): Promise<PictureFolder> {
    const path = promptAsDir ? promptFolder(outdir, settings.prompt) : outdir;
    const known = this.folders.get(path);
    if (promptAsDir && known === undefined) this.say(promptFolderNotice(path));
    await prepareOutputFolder(path);
    if (known !== undefined) return known;
    const format = fnformat === undefined ? undefined : { format: fnformat, onProblem: this.say };
    const folder = { path, names: new PictureNames(path, format) };
    this.folders.set(path, folder);
    return folder;
  }

  /** Gives back the numbers that no picture carries. */
  async close(): Promise<void> {
    for (const { names } of this.folders.values()) await names.close();
  }
}
