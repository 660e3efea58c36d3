import { afterEach, expect, test } from "@jest/globals";
import { BASE_BYTES } from "../../lib/engine/memory.js";
import { findRoomBeside } from "../../lib/pipeline/find-room-beside.js";
import type { LiveModel } from "../../lib/pipeline/live-model.js";

afterEach(() => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
});

const GB = 1e9;
const model = { plainBytes: 4 * GB, painterBytes: 3 * GB } as LiveModel;
const [oldest, newest] = [{ heldBytes: 2 * GB } as LiveModel, { heldBytes: 2 * GB } as LiveModel];

function room(allowed: number, needed = 3) {
  process.env.DREAM_AVAILABLE_MEMORY = String(BASE_BYTES + allowed * GB);
  return findRoomBeside(model, [1 * GB, 1 * GB], [oldest, newest], needed * GB);
}

test.each([
  ["everything stays where there is room for it", 13, { leavingVariants: 0, staying: [oldest, newest], plainLeaves: false }],
  ["earlier variants go first", 12, { leavingVariants: 1, staying: [oldest, newest], plainLeaves: false }],
  ["all of them", 11, { leavingVariants: 2, staying: [oldest, newest], plainLeaves: false }],
  ["then other models, the least recently used one first", 9, { leavingVariants: 2, staying: [newest], plainLeaves: false }],
  ["all of them as well", 7, { leavingVariants: 2, staying: [], plainLeaves: false }],
  ["at last the plain networks", 4, { leavingVariants: 2, staying: [], plainLeaves: true }],
])("%s", async (_what, allowed, expected) => expect(await room(allowed)).toEqual(expected));

test("what does not fit even then is refused", async () => {
  await expect(room(3.9)).rejects.toThrow("the LoRAs of this picture need about 3.1 GB of memory and 3.0 GB are available");
});
