import { z } from 'zod';
import { Register } from '../agreements/rules.ts';
import { KeyPage } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Json } from '../platform/pure/canonical-json.ts';

/** What `/healthz` answers. */
export const Health = z.strictObject({ status: z.enum(['ok', 'unavailable']) });

/** What `/readyz` answers. */
const Readiness = z.strictObject({
  status: z.enum(['ready', 'unready']),
  because: z.enum(['database', 'data-folder', 'stopping']).optional(),
});

const Problem = z
  .looseObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    reference: z.string().meta({ description: 'Stands in the log of the service too' }),
  })
  .meta({ description: 'RFC 9457. Sent to whoever accepts application/json and not text/html' });

/** What the service answers to machines, as OpenAPI 3.1: each schema is the one that the code itself checks or builds with. */
export const openapi: Json = {
  openapi: '3.1.1',
  info: {
    title: 'Chirograph',
    version: '0.1.0',
    summary: 'Public bodies share data lawfully, and each of them can prove it.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  paths: {
    [paths.health()]: {
      get: {
        operationId: 'health',
        summary: 'Whether the database answers and the ledger keeps up',
        responses: { 200: answer('All is well', 'Health'), 503: answer('It is not', 'Health') },
      },
    },
    [paths.readiness()]: {
      get: {
        operationId: 'readiness',
        summary:
          'Whether to send it visitors: the database answers, the data folder can be written to, and it is not stopping',
        responses: {
          200: answer('It is ready', 'Readiness'),
          503: answer('It is not, and why', 'Readiness'),
        },
      },
    },
    [paths.keyPage('{slug}')]: {
      get: {
        operationId: 'keys',
        summary: 'The public keys of an organisation: what chirograph verify --keys takes',
        parameters: [
          {
            name: 'slug',
            in: 'path',
            required: true,
            description: 'The short name of the organisation, such as westmarch-police',
            schema: { type: 'string' },
          },
        ],
        responses: {
          200: answer('A key page', 'KeyPage'),
          404: answer('There is no such organisation here', 'Problem', 'application/problem+json'),
        },
      },
    },
    [paths.registerJson()]: {
      get: {
        operationId: 'register',
        summary: 'The agreements in force: with whom, why, and by which law',
        responses: { 200: answer('The register', 'Register') },
      },
    },
    [paths.openapi()]: {
      get: {
        operationId: 'openapi',
        summary: 'This description',
        responses: {
          200: {
            description: 'OpenAPI 3.1',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
        },
      },
    },
  },
  components: { schemas: schemas({ Health, KeyPage, Problem, Readiness, Register }) },
};

function answer(description: string, schema: string, type = 'application/json'): Json {
  return { description, content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

// OpenAPI 3.1 takes JSON Schema 2020-12 as it is; the dialect is said once, by OpenAPI itself.
function schemas(from: Record<string, z.ZodType>): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(from).map(([name, schema]) => {
      const { $schema: _, ...rest } = z.toJSONSchema(schema);
      return [name, rest as Json];
    }),
  );
}
