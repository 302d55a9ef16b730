// Bundles every entry `src/*.js` (modules of its own may lie in folders below) into ../static/dist/.
//
// The same sources and the same lock file give the same bytes on every machine: names are fixed, and
// manifest.json holds the hash of each file, which the pages put behind its name so that browsers take it anew.
// Beside each text lie its compressed forms, for browsers that take them.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "..", "static", "dist");

async function entries() {
  const names = (await readdir(path.join(here, "src"))).filter((name) => name.endsWith(".js")).sort();
  return names.map((name) => path.join("src", name));
}

async function bundle(entryPoints) {
  const result = await build({
    absWorkingDir: here,
    entryPoints,
    outdir: dist,
    outbase: "src",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome109", "edge109", "firefox115", "safari16"],
    charset: "utf8",
    legalComments: "linked", // the licences of what we bundle go out beside it
    define: { "process.env.NODE_ENV": '"production"' },
    assetNames: "fonts/[name]",
    loader: { ".woff2": "file", ".woff": "file", ".ttf": "file", ".svg": "file", ".png": "file", ".eot": "empty" },
    logLevel: "warning",
  });
  return result.outputFiles
    .map((file) => ({ name: path.relative(dist, file.path).split(path.sep).join("/"), contents: file.contents }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

// A page must not reach for anything outside this service.
function refuseOtherHosts(files) {
  for (const { name, contents } of files.filter((file) => file.name.endsWith(".css"))) {
    const found = /(?:url\(|@import)\s*["']?(?:https?:)?\/\/[^)"']+/i.exec(Buffer.from(contents).toString("utf8"));
    if (found) throw new Error(`${name} would load something from another host: ${found[0]}`);
  }
}

const WORTH_IT_BYTES = 1024;

function compressed({ name, contents }) {
  if (!/\.(css|js|svg|json)$/.test(name) || contents.length < WORTH_IT_BYTES) return [];
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
  };
  return [
    { name: `${name}.br`, contents: brotliCompressSync(contents, { params }) },
    { name: `${name}.gz`, contents: gzipSync(contents, { level: 9 }) },
  ];
}

function manifestOf(files) {
  const listed = files.map(({ name, contents }) => [
    name,
    { sha256: createHash("sha256").update(contents).digest("hex"), bytes: contents.length },
  ]);
  return JSON.stringify(Object.fromEntries(listed), null, 2) + "\n";
}

async function write(files) {
  await rm(dist, { recursive: true, force: true });
  for (const { name, contents } of [...files, ...files.flatMap(compressed)]) {
    await mkdir(path.dirname(path.join(dist, name)), { recursive: true });
    await writeFile(path.join(dist, name), contents);
  }
  await writeFile(path.join(dist, "manifest.json"), manifestOf(files));
}

// The fonts that papers are set in, with their licence (OFL); the pages themselves use those of the machine.
async function paperFonts() {
  const from = path.join(here, "node_modules", "@embedpdf", "fonts-sc");
  const sources = {
    "fonts/NotoSansHans-Regular.otf": "fonts/NotoSansHans-Regular.otf",
    "fonts/NotoSansHans-Bold.otf": "fonts/NotoSansHans-Bold.otf",
    "fonts/NotoSansHans.LICENSE.txt": "LICENSE",
  };
  return Promise.all(
    Object.entries(sources).map(async ([name, source]) => ({ name, contents: await readFile(path.join(from, source)) })),
  );
}

const files = [...(await bundle(await entries())), ...(await paperFonts())];
refuseOtherHosts(files);
await write(files);
