import { open } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { EngineClient } from "../engine/client.js";
import type { Engine } from "../engine/engine.js";
import { DreamError } from "../errors.js";
import { errorCode, prepareOutputFolder } from "../images/output-folder.js";
import { printHelp } from "../options/help.js";
import { parseLaunch } from "../options/read.js";
import { checkLaunch, DEFAULT_OUTDIR } from "../options/resolve.js";
import type { LaunchValues } from "../options/table.js";
import type { Emit } from "../repl/events.js";
import { History } from "../repl/history.js";
import { PlainConsole } from "../repl/plain.js";
import { Session, type SessionModel } from "../repl/session.js";
import { Terminal, type TerminalOutput } from "../repl/terminal.js";
import { APP } from "../version.js";
import { chooseModel } from "./choose-model.js";
import { terminalStyle } from "./terminal-style.js";

const USAGE = "usage: dream [switches]";
const READY = "\n* Initialization done! Awaiting your command (-h for help, 'q' to quit)";

/** What the program meets outside itself; tests bring their own. */
export interface Surroundings {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: TerminalOutput & { readonly isTTY?: boolean };
  readonly errors: Writable;
  readonly environment: NodeJS.ProcessEnv;
  readonly createEngine: () => Engine;
  readonly chooseModel: (launch: LaunchValues, environment: NodeJS.ProcessEnv) => Promise<SessionModel>;
}

/**
 * The whole program: reads the switches, loads the model, runs the prompt.
 *
 * @param argv the command line without interpreter and script
 * @returns exit status: 0; 1 when something failed, 2 when the command line is wrong
 */
export async function main(argv: readonly string[], surroundings: Partial<Surroundings> = {}): Promise<number> {
  const world: Surroundings = {
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    environment: process.env,
    createEngine: () => new EngineClient(),
    chooseModel,
    ...surroundings,
  };
  try {
    const launch = parseLaunch(argv);
    if (launch.help || launch.version) {
      world.output.write(`${launch.help ? printHelp("launch", USAGE) : `${APP.id} ${APP.version}`}\n`);
      return 0;
    }
    checkLaunch(launch);
    const lines = launch.fromFile === undefined || launch.fromFile === "-" ? undefined : await openLines(launch.fromFile);
    await prepareOutputFolder(launch.outdir || DEFAULT_OUTDIR);
    const model = await world.chooseModel(launch, world.environment);
    const interactive = lines === undefined && launch.fromFile === undefined && world.input.isTTY && world.output.isTTY;
    return await (interactive ? runOnTerminal(world, launch, model) : runPlain(world, launch, model, lines ?? world.input));
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    world.errors.write(`${APP.id}: ${error.sentence}\n`);
    return error.exitStatus;
  }
}

async function runOnTerminal(world: Surroundings, launch: LaunchValues, model: SessionModel): Promise<number> {
  const early: string[] = [];
  const history = new History(launch.outdir || DEFAULT_OUTDIR, (text) => early.push(text));
  const terminal = new Terminal(world.input, world.output, terminalStyle(world.environment), history.load());
  const emit: Emit = (event) => terminal.handle(event);
  const engine = world.createEngine();
  const session = new Session({ engine, model, launch, app: APP, emit, remember: (line) => history.append(line) });
  try {
    for (const text of [banner(), ...early]) emit({ type: "text", text });
    const left = terminal.run(session);
    const loaded = session.start().then(() => emit({ type: "text", text: READY }));
    // The user may leave before the model is there; a model that cannot be loaded ends the program.
    await Promise.race([left, loaded.then(() => left)]);
    return 0;
  } finally {
    terminal.close();
    await engine.close();
  }
}

async function runPlain(world: Surroundings, launch: LaunchValues, model: SessionModel, lines: Surroundings["input"]): Promise<number> {
  const console = new PlainConsole(world.output, world.errors);
  const emit: Emit = (event) => console.handle(event);
  const engine = world.createEngine();
  const session = new Session({ engine, model, launch, app: APP, emit });
  // Ctrl-C ends the run; while no picture is made there is nothing to wait for.
  const interrupt = () => {
    if (!console.interrupt(session)) void engine.close();
  };
  process.on("SIGINT", interrupt);
  // Whoever read our output has gone (`dream | head`): nobody is left to make pictures for.
  world.output.on("error", interrupt);
  try {
    emit({ type: "text", text: banner() });
    await session.start();
    const typed = lines.isTTY === true;
    if (typed) emit({ type: "text", text: READY });
    return await console.run(session, lines, typed);
  } finally {
    process.off("SIGINT", interrupt);
    await engine.close();
  }
}

function banner(): string {
  return `* Initializing, be patient...\n>> ${APP.id}, version ${APP.version}`;
}

async function openLines(path: string): Promise<Readable> {
  try {
    const file = await open(path);
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new DreamError("file/unreadable", `${path} is a folder`);
    }
    return file.createReadStream();
  } catch (error) {
    if (error instanceof DreamError) throw error;
    const code = errorCode(error);
    throw new DreamError(code === "ENOENT" ? "file/not-found" : "file/unreadable", `cannot read ${path} (${code})`, { cause: error });
  }
}
