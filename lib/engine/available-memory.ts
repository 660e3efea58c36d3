import { readFile } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { join } from "node:path";

/** Overrides the measurement, in bytes: for tests, and for machines where the answer is wrong. */
const OVERRIDE = "DREAM_AVAILABLE_MEMORY";

/** Bytes that all loaded networks together may take where that was said by hand; undefined where it is measured. */
export function allowedMemory(): number | undefined {
  const allowed = Number(process.env[OVERRIDE]);
  return allowed > 0 ? allowed : undefined;
}

/**
 * Bytes that this process can still take before something is swapped or killed: the machine's available memory or what is left under the
 * control group's limit (containers), whichever is less.
 */
export async function availableMemory(): Promise<number> {
  const allowed = allowedMemory();
  if (allowed !== undefined) return allowed;
  // macOS counts what it keeps of files as used, although it gives that up at once.
  if (process.platform === "darwin") return Math.max(freemem(), totalmem() / 2);
  if (process.platform !== "linux") return freemem();
  const machine = parseKilobytes(await readText("/proc/meminfo"), "MemAvailable") ?? freemem();
  return Math.min(machine, ...(await controlGroupRooms()));
}

/** Bytes of memory that is this process's own: what ending it would free. 0 where the system does not say. */
export async function ownMemory(): Promise<number> {
  return parseKilobytes(await readText("/proc/self/status"), "RssAnon") ?? 0;
}

/** @returns bytes, or undefined when the field is absent. Lines read "MemAvailable:   123 kB". */
export function parseKilobytes(text: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text);
  return found ? Number(found[1]) * 1024 : undefined;
}

/** The files of one version of control groups, and where it is mounted. */
const VERSIONS = [
  { controller: "", mount: "/sys/fs/cgroup", limit: "memory.max", usage: "memory.current", reclaimable: "inactive_file" },
  {
    controller: "memory",
    mount: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    reclaimable: "total_inactive_file",
  },
] as const;

/** What is left in each control group above this process, in bytes; groups without a limit are left out. */
async function controlGroupRooms(): Promise<number[]> {
  const membership = await readText("/proc/self/cgroup");
  const rooms: number[] = [];
  for (const version of VERSIONS) {
    const path = controlGroupPath(membership, version.controller);
    if (path === undefined) continue;
    for (const folder of foldersUpTo(version.mount, path)) {
      const limit = Number.parseInt(await readText(join(folder, version.limit)), 10);
      const usage = Number.parseInt(await readText(join(folder, version.usage)), 10);
      const statistics = await readText(join(folder, "memory.stat"));
      const cached = Number(new RegExp(`^${version.reclaimable} (\\d+)$`, "m").exec(statistics)?.[1] ?? 0);
      if (Number.isFinite(limit) && Number.isFinite(usage)) rooms.push(Math.max(0, limit - usage + cached));
    }
  }
  return rooms;
}

/** Lines read "0::/path" (version 2) or "9:memory:/path" (version 1). */
export function controlGroupPath(membership: string, controller: string): string | undefined {
  for (const line of membership.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    if (controllers?.split(",").includes(controller)) return path.join(":");
  }
  return undefined;
}

/** The group's folder and those above it: a limit anywhere on the way counts. In a container only the mount itself may be visible. */
function foldersUpTo(mount: string, path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return Array.from({ length: parts.length + 1 }, (_, count) => join(mount, ...parts.slice(0, parts.length - count)));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
