/**
 * Types from the published descriptions: `npm run generate` writes them, `npm run drift` fails when
 * what is committed is not what the descriptions say.
 *
 * `src/generated/api.ts` comes from `docs/openapi.json`, `frames.ts` from the frames' models.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { compile } from 'json-schema-to-typescript';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const generated = fileURLToPath(new URL('../src/generated/', import.meta.url));
const venv = `${root}.venv/bin/python`;
const python = existsSync(venv) ? venv : 'python3';

const schema = execFileSync(python, [`${root}web/scripts/frames_schema.py`], {
  encoding: 'utf8',
  env: { ...process.env, PYTHONPATH: `${root}layers/shared/python` },
});
const openapi = new URL(`file://${root}docs/openapi.json`);
const files = {
  'api.ts': COMMENT_HEADER + astToString(await openapiTS(openapi)),
  'frames.schema.json': schema,
  'frames.ts': await compile(withoutTitles(JSON.parse(schema)), 'OutboundFrame', {
    bannerComment: '/** Generated from the frames of `ayinel_live.connections`. Do not edit. */',
    additionalProperties: false,
    enableConstEnums: false,
  }),
};

/** Pydantic titles every field, and each title would become a type of its own. */
function withoutTitles(value) {
  if (Array.isArray(value)) return value.map(withoutTitles);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, entry]) => key !== 'title' || typeof entry !== 'string')
      .map(([key, entry]) => [key, withoutTitles(entry)]),
  );
}

const isCheck = process.argv.includes('--check');
let hasDrifted = false;
for (const [name, wanted] of Object.entries(files)) {
  if (!isCheck) {
    writeFileSync(generated + name, wanted);
    continue;
  }
  const found = existsSync(generated + name) ? readFileSync(generated + name, 'utf8') : '';
  if (found === wanted) continue;
  hasDrifted = true;
  process.stderr.write(`web/src/generated/${name} is out of date: run \`npm run generate\` in web/\n`);
}
process.exitCode = hasDrifted ? 1 : 0;
