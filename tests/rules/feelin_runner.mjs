// Reads [{expression, context}] as JSON from stdin and prints what feelin answers, in the same order:
// {value} or {error}. The folder that holds node_modules/feelin is the first argument.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.argv[2] ?? '.', 'index.js'));
const entry = require.resolve('feelin');
const { evaluate, isRange, isFunction } = await import(pathToFileURL(entry).href);

// Dates, times, durations and ranges become {"@": text}, so that they differ from plain strings.
function plain(value) {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (isFunction(value) || typeof value === 'function') return { '@': 'function' };
  if (isRange(value)) {
    const [opening, closing] = [value['start included'] ? '[' : '(', value['end included'] ? ']' : ')'];
    return { '@': `${opening}${value.start}..${value.end}${closing}` };
  }
  if (typeof value === 'object') {
    if (Object.getPrototypeOf(value) !== Object.prototype) return { '@': String(value) };
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

function answer({ expression, context }) {
  try {
    return { value: plain(evaluate(expression, context ?? {}).value) };
  } catch (error) {
    return { error: String(error.message) };
  }
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(answer)));
