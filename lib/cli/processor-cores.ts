import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * Processor cores that this process may use, counting two hardware threads of one core once: more threads than cores make the engine
 * slower. Linux says which threads share a core; elsewhere every hardware thread counts.
 */
export function processorCores(siblings: (cpu: number) => string | undefined = linuxSiblings): number {
  const cores = new Set<string>();
  for (let cpu = 0; ; cpu++) {
    const sharing = siblings(cpu);
    if (sharing === undefined) break;
    cores.add(sharing);
  }
  const usable = availableParallelism();
  return cores.size === 0 ? usable : Math.min(cores.size, usable);
}

function linuxSiblings(cpu: number): string | undefined {
  try {
    return readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, "utf8").trim();
  } catch {
    return undefined;
  }
}
