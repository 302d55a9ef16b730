// Reads a list of texts as JSON from stdin and prints, for each, the number that the pages' script takes it for.
// The module that the pages load is the first argument; it finds feelin where the front end was built.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { numberOf } = await import(pathToFileURL(process.argv[2]).href);
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((text) => numberOf(text))));
