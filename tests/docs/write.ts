import { writeFileSync } from "node:fs";
import { COMMANDS_DOCUMENT, commandsDocument } from "./commands-document.js";
import { SWITCHES_DOCUMENT, switchesDocument } from "./switches-document.js";

/** `npm run docs`: writes the documents that are made from the program. */
writeFileSync(SWITCHES_DOCUMENT, switchesDocument());
writeFileSync(COMMANDS_DOCUMENT, commandsDocument());
