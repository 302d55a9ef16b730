// Reads [{fields: [{path, hides}], values}] as JSON from stdin and prints, for each, the paths that the browser hides.
// The module that the pages load is the first argument; it finds feelin where the front end was built.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { hiddenOf } = await import(pathToFileURL(process.argv[2]).href);
const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(({ fields, values }) => [...hiddenOf(fields, values)].sort())));
