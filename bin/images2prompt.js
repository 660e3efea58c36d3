#!/usr/bin/env node
import { images2prompt } from "../dist/lib/cli/images2prompt.js";

process.exitCode = await images2prompt(process.argv.slice(2), process.stdout, process.stderr);
