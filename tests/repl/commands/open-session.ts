import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { parseLaunch } from "../../../lib/options/read.js";
import type { SessionEvent } from "../../../lib/repl/events.js";
import { ModelCatalogue } from "../../../lib/repl/model-catalogue.js";
import { Session, type SessionOptions } from "../../../lib/repl/session.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { FakeEngine } from "../fake-engine.js";

const root = await temporaryFolder();

/** A session over a fake engine, with everything that it told. */
export interface OpenSession {
  readonly session: Session;
  readonly engine: FakeEngine;
  readonly events: SessionEvent[];
  /** The output folder; models.yaml in it is the registry, once a test has written it. */
  readonly folder: string;
  /** Everything said so far. */
  readonly said: (type: "text" | "problem") => string;
}

/** What a test wants otherwise. */
export interface OpenOptions extends Partial<SessionOptions> {
  /** Answers to the questions in the order in which they come; undefined gives up. Without them nobody can be asked. */
  readonly answers?: readonly (string | undefined)[];
}

/** Opens a session whose pictures go to a folder of its own. */
export async function openSession(switches: readonly string[] = [], options: OpenOptions = {}): Promise<OpenSession> {
  const { answers, ...others } = options;
  let answered = 0;
  const folder = mkdtempSync(join(root, "test-"));
  const engine = new FakeEngine();
  const events: SessionEvent[] = [];
  const session: Session = new Session({
    engine,
    model: {
      id: "tiny",
      request: { path: "/models/tiny", memory: "auto", modelCache: "off", threads: 1 },
      defaults: { steps: 3 },
      notices: [],
    },
    launch: parseLaunch(["-o", folder, ...switches]),
    app: { id: "dream-repl", version: "0.0.1" },
    catalogue: new ModelCatalogue(join(folder, "models.yaml"), { memory: "auto", modelCache: "off", threads: 1 }),
    emit: (event) => {
      events.push(event);
      if (event.type === "question") setImmediate(() => session.answer(answers?.[answered++]));
    },
    interactive: answers !== undefined,
    ...others,
  });
  await session.start();
  const said = (type: "text" | "problem") => events.flatMap((event) => (event.type === type ? [event.text] : [])).join("\n");
  return { session, engine, events, folder, said };
}
