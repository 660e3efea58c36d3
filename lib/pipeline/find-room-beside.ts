import { BASE_BYTES } from "../engine/memory.js";
import { DreamError } from "../errors.js";
import type { LiveModel } from "./live-model.js";
import { reachableBeside } from "./loaded-models.js";

/** What makes room for the changed networks of a picture. */
export interface RoomBeside {
  /** Variants of the model that go, the least recently used ones. */
  readonly leavingVariants: number;
  /** Models that stay beside it. */
  readonly staying: readonly LiveModel[];
  /** Whether the model's own U-Net and text encoder go as well; the next picture without LoRAs builds them again. */
  readonly plainLeaves: boolean;
}

/**
 * Finds room for networks with LoRAs beside the model that they were made of: earlier variants go first, then other models, the least recently
 * used ones, and at last the plain networks.
 *
 * @param variants bytes of each that exists
 * @param waiting the other models that are loaded
 * @param needed bytes
 * @throws DreamError memory/predicted when all that does not suffice
 */
export async function findRoomBeside(
  model: LiveModel,
  variants: readonly number[],
  waiting: readonly LiveModel[],
  needed: number,
): Promise<RoomBeside> {
  const rooms: RoomBeside[] = [
    ...Array.from({ length: variants.length }, (_, leavingVariants) => ({ leavingVariants, staying: waiting, plainLeaves: false })),
    ...Array.from({ length: waiting.length + 1 }, (_, leaving) => {
      return { leavingVariants: variants.length, staying: waiting.slice(leaving), plainLeaves: false };
    }),
    { leavingVariants: variants.length, staying: [], plainLeaves: true },
  ];
  let reachable = 0;
  for (const room of rooms) {
    const others = room.staying.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    const kept = variants.slice(room.leavingVariants).reduce((sum, bytes) => sum + bytes, 0);
    const plain = Math.max(0, model.plainBytes - (room.plainLeaves ? model.painterBytes : 0));
    reachable = await reachableBeside(others + kept + plain);
    // What is reachable counts the process itself, which cannot be given back.
    if (BASE_BYTES + needed <= reachable) return room;
  }
  const [wanted, available] = [BASE_BYTES + needed, reachable].map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  throw new DreamError("memory/predicted", `the LoRAs of this picture need about ${wanted} of memory and ${available} are available`);
}
