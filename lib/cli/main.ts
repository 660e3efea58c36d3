import { homedir } from "node:os";
import type { Writable } from "node:stream";
import { EngineClient } from "../engine/client.js";
import type { Engine } from "../engine/engine.js";
import { DreamError } from "../errors.js";
import { errorCode, prepareOutputFolder, unwritable } from "../images/names/output-folder.js";
import { printHelp } from "../options/help.js";
import { DEFAULT_OUTDIR } from "../options/resolve.js";
import type { LaunchValues } from "../options/table.js";
import { complete } from "../repl/completion/complete.js";
import type { Emit } from "../repl/events.js";
import { History } from "../repl/history/history.js";
import type { ModelCatalogue } from "../repl/model-catalogue.js";
import type { SessionModel } from "../repl/model-shelf.js";
import { PlainConsole } from "../repl/plain.js";
import { printable } from "../repl/printable.js";
import { Session, type SessionOptions } from "../repl/session.js";
import { StatusConsole } from "../repl/status-console.js";
import { gfpganNotices } from "../repl/studio/face-mender.js";
import { checkerNotice } from "../repl/studio/guard.js";
import { isTemplateName } from "../repl/templates/read-template.js";
import { askTerminal, type TerminalInput } from "../repl/terminal/ask-terminal.js";
import { pictureShower, previewDrawer } from "../repl/terminal/show-pictures.js";
import { Terminal, type TerminalOutput } from "../repl/terminal/terminal.js";
import { APP } from "../version.js";
import { banner, standingSettings } from "./banner.js";
import { chooseModel, openCatalogue } from "./choose-model.js";
import { completionSources } from "./completion-sources.js";
import { openLines } from "./open-lines.js";
import { openTemplate } from "./open-template.js";
import { readCommandLine } from "./read-command-line.js";
import { isDumb, terminalStyle } from "./terminal-style.js";

const USAGE =
  "usage: dream [switches]          the prompt\n" +
  "       dream PROMPT [switches]   one line, then the end; the switches of a line count, too\n" +
  "       dream [switches] !COMMAND ...";
const READY = "\n* Initialization done! Awaiting your command (-h for help, 'q' to quit)";

/** What the program meets outside itself; tests bring their own. */
export interface Surroundings {
  readonly input: TerminalInput & { readonly isTTY?: boolean };
  readonly output: TerminalOutput & { readonly isTTY?: boolean };
  readonly errors: Writable;
  readonly environment: NodeJS.ProcessEnv;
  /** The user's folder. */
  readonly home: string;
  readonly createEngine: () => Engine;
  readonly chooseModel: (launch: LaunchValues, catalogue: ModelCatalogue) => Promise<SessionModel>;
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
    home: homedir(),
    createEngine: () => new EngineClient(),
    chooseModel,
    ...surroundings,
  };
  let outputFailure: unknown;
  world.output.on("error", (error) => {
    outputFailure ??= error;
  });
  // Nobody can be told that problems can no longer be told.
  world.errors.on("error", () => {});
  try {
    const status = await run(argv, world);
    if (outputFailure !== undefined) throw outputFailure;
    return status;
  } catch (error) {
    // Whoever read our output has gone (`dream | head`) and misses nothing.
    if (errorCode(outputFailure) === "EPIPE") return 1;
    const problem = outputFailure === undefined ? error : unwritable("standard output", outputFailure);
    if (!(problem instanceof DreamError)) throw problem;
    world.errors.write(`${APP.id}: ${printable(problem.sentence)}\n`);
    return problem.exitStatus;
  }
}

async function run(argv: readonly string[], world: Surroundings): Promise<number> {
  const commandLine = await readCommandLine(argv, world);
  if (typeof commandLine === "string") {
    const text = commandLine === "help" ? printHelp("launch", USAGE) : `${APP.id} ${APP.version}`;
    await new Promise((done) => world.output.write(`${text}\n`, done));
    return 0;
  }
  const { launch, line, initFile } = commandLine;
  if (initFile !== undefined) world.errors.write(`>> Initialization file ${printable(initFile)} found. Loading...\n`);
  const lines = await linesOf(launch, (text) => world.errors.write(`${printable(text)}\n`));
  await prepareOutputFolder(launch.outdir || DEFAULT_OUTDIR);
  const catalogue = openCatalogue(launch, world.environment);
  const chosen = await world.chooseModel(launch, catalogue);
  const checker = launch.nsfwChecker ? [await checkerNotice(catalogue, chosen)] : [];
  const notices = [...commandLine.notices, ...standingSettings(launch), ...gfpganNotices(launch), ...checker, ...chosen.notices];
  const models = { model: { ...chosen, notices }, catalogue };
  if (line !== undefined) return runOneLine(world, launch, models, line);
  const atTerminal = world.input.isTTY && isCapable(world);
  const interactive = launch.fromFile === undefined && atTerminal;
  return interactive ? runOnTerminal(world, launch, models) : runLines(world, launch, models, lines ?? world.input);
}

/** What `--from_file` names; undefined for the keyboard or a pipe. */
async function linesOf({ fromFile }: LaunchValues, say: (text: string) => void): Promise<Surroundings["input"] | undefined> {
  if (fromFile === undefined || fromFile === "-") return undefined;
  return isTemplateName(fromFile) ? openTemplate(fromFile, say) : openLines(fromFile);
}

/** Output goes to a terminal that can move its cursor. */
function isCapable({ output, environment }: Surroundings): boolean {
  return output.isTTY === true && !isDumb(environment);
}

/** The model to start with, and those beside it. */
type Models = Pick<SessionOptions, "model" | "catalogue">;

async function runOnTerminal(world: Surroundings, launch: LaunchValues, models: Models): Promise<number> {
  const early: string[] = [];
  const history = new History(launch.outdir || DEFAULT_OUTDIR, (text) => early.push(text));
  const style = terminalStyle(world.environment);
  const answer = launch.preview === "off" ? "" : await askTerminal(world.input, world.output);
  const sources = completionSources(launch, models.catalogue, { seeds: () => session.seeds, triggers: () => session.triggers() });
  const shown = [launch.preview, world.environment, answer, style.unicode] as const;
  const drawPreview = previewDrawer(...shown);
  const terminal = new Terminal(world.input, world.output, {
    style,
    history: history.load(),
    complete: (before, completes) => complete(before, sources, completes),
    showPicture: pictureShower(...shown),
    drawPreview,
  });
  const emit: Emit = (event) => terminal.handle(event);
  const engine = world.createEngine();
  const session: Session = new Session({
    engine,
    ...models,
    launch,
    app: APP,
    emit,
    history,
    interactive: true,
    livePreviews: drawPreview !== undefined,
  });
  try {
    for (const text of [banner(launch), ...early]) emit({ type: "text", text });
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

/** Runs the lines of a file, a pipe, or a keyboard whose program's output goes elsewhere. */
function runLines(world: Surroundings, launch: LaunchValues, models: Models, lines: Surroundings["input"]): Promise<number> {
  const console = new PlainConsole(world.output, world.errors);
  return runPlain(world, launch, models, console, async (session) => {
    await session.start();
    const typed = lines.isTTY === true;
    if (typed) console.handle({ type: "text", text: READY });
    return console.run(session, lines, typed);
  });
}

/** Runs the line of the command line. */
async function runOneLine(world: Surroundings, launch: LaunchValues, models: Models, line: string): Promise<number> {
  const { unicode } = terminalStyle(world.environment);
  const console = isCapable(world) ? new StatusConsole(world.output, world.errors, unicode) : new PlainConsole(world.output, world.errors);
  return runPlain(world, launch, models, console, async (session) => {
    const loaded = session.start();
    // Most commands need no model; one that cannot be loaded ends the program.
    if (!line.startsWith("!")) await loaded;
    const done = console.runOne(session, line);
    return Promise.race([done, loaded.then(() => done)]);
  });
}

async function runPlain(
  world: Surroundings,
  launch: LaunchValues,
  models: Models,
  console: PlainConsole,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const emit: Emit = (event) => console.handle(event);
  const engine = world.createEngine();
  const session = new Session({ engine, ...models, launch, app: APP, emit });
  // Ctrl-C ends the run; while no picture is made there is nothing to wait for.
  const interrupt = () => {
    if (!console.interrupt(session)) void engine.close();
  };
  process.on("SIGINT", interrupt);
  // Without a reader there is nobody to make pictures for.
  world.output.on("error", interrupt);
  try {
    emit({ type: "text", text: banner(launch) });
    return await work(session);
  } finally {
    process.off("SIGINT", interrupt);
    emit({ type: "rest" });
    await engine.close();
  }
}
