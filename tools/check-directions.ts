/** `make lint`'s check of the direction rules: prints each broken one and fails. */
import path from "node:path";
import { violations } from "./directions.ts";

const found = await violations(path.resolve(import.meta.dirname, ".."));
for (const { rule, from, to } of found) console.error(`${rule}: ${from} -> ${to}`);
process.exitCode = found.length === 0 ? 0 : 1;
