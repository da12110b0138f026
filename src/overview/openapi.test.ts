import { describe, expect, test } from 'vitest';
import { Register } from '../agreements/rules.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { openapi } from './openapi.ts';

type Operation = {
  operationId: string;
  summary: string;
  parameters?: object[];
  responses: Record<string, object>;
};
type Document = {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const document = openapi as unknown as Document;

describe('the description of the service for machines', () => {
  test('is OpenAPI 3.1, with what the specification requires of it', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'Chirograph', version: expect.any(String) });
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    expect(new Set(operations.map((one) => one.operationId)).size).toBe(operations.length);
    for (const { responses } of operations) {
      expect(Object.keys(responses).length).toBeGreaterThan(0);
      for (const [status, response] of Object.entries(responses)) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(response).toMatchObject({ description: expect.any(String) });
      }
    }
  });

  test('each parameter of a path is described, required, and in the path', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(item)) {
        expect(parameters).toMatchObject(named.map((name) => ({ name, in: 'path', required: true })));
      }
    }
  });

  test('every reference leads to a schema, and every schema is referred to', () => {
    const references = refs(openapi).map((ref) => ref.replace('#/components/schemas/', ''));
    expect([...new Set(references)].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  test('it is JSON, and says the dialect in one place only', () => {
    expect(JSON.parse(JSON.stringify(openapi))).toEqual(openapi);
    expect(JSON.stringify(openapi)).not.toContain('$schema');
  });

  test('its schemas are those that the code reads with: what one requires the other does', () => {
    const { KeyPage: keyPage, Register: register } = document.components.schemas;
    expect(keyPage).toMatchObject({ required: ['chirograph', 'organisations'], additionalProperties: false });
    expect(register).toMatchObject({ required: Object.keys(Register.shape), additionalProperties: false });
  });
});

function refs(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(refs);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : refs(child),
  );
}
