import { expect, test } from "@jest/globals";
import { openSession } from "./open-session.js";

test("!mask says what is missing", async () => {
  const { session, said } = await openSession();
  expect(await session.submit("!mask x.png -tm cat 0.4")).toBe("failed");
  expect(said("problem")).toBe("** not available yet: text masks");
});
