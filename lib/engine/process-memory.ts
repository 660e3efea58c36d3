import { readFileSync } from "node:fs";
import { parseKilobytes } from "./available-memory.js";

export interface ProcessMemory {
  /** Bytes of the process that are in memory now, mapped files included. */
  readonly rssBytes: number;
  /** The most it ever was. */
  readonly peakRssBytes: number;
}

/** Memory of this process. */
export function ownProcessMemory(): ProcessMemory {
  // The kernel's table first: what getrusage calls the peak includes the process that this one was forked from.
  return processMemory(process.pid) ?? { rssBytes: process.memoryUsage.rss(), peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

/** Memory of any process by its id; undefined when it is gone or the system has no table of it. */
export function processMemory(pid: number): ProcessMemory | undefined {
  let table = "";
  try {
    table = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return undefined;
  }
  const rssBytes = parseKilobytes(table, "VmRSS");
  const peakRssBytes = parseKilobytes(table, "VmHWM");
  return rssBytes === undefined || peakRssBytes === undefined ? undefined : { rssBytes, peakRssBytes };
}
