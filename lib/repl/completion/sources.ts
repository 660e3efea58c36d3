import type { Switch } from "../../options/switch.js";

/** What completion may offer, as it is at this moment. */
export interface CompletionSources {
  /** Folder of pictures as given at launch. */
  readonly outdir: string;
  /** Rows that are legal on a prompt line. */
  readonly switches: readonly Switch[];
  /** Names of the `!` commands, with the `!`. */
  readonly commands: readonly string[];
  /** Seeds of the pictures made in this session. */
  seeds(): readonly number[];
  /** Words that embeddings add to prompts, as they must be written. */
  triggers(): Promise<readonly string[]>;
  /** Names of LoRA files. */
  loras(): Promise<readonly string[]>;
  /** The registry's models. */
  models(): Promise<readonly { readonly name: string; readonly format: string }[]>;
  /** What a folder holds; nothing when it cannot be read. */
  readFolder(path: string, wanted: WantedEntries): Promise<readonly FolderEntry[]>;
}

/** Which entries of a folder are asked for. */
export interface WantedEntries {
  /** How the name begins. Hidden entries are left out unless this begins with a dot. */
  readonly start: string;
  /** Lower-case endings of files, with the dot. Folders are always wanted. */
  readonly endings: readonly string[];
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}
