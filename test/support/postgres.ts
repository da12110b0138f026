import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { TestProject } from 'vitest/node';
import { type Postgres, startPostgres } from '../../src/platform/postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** How to connect to the run's PostgreSQL as its superuser: `new pg.Client({ ...inject('postgres'), database })`. */
    postgres: pg.ClientConfig;
  }
}

// One PostgreSQL per run: the first project to get here starts it, the next one joins.
const dataFolder = join(tmpdir(), `chirograph-test-${process.pid}`);
let postgres: Postgres;

export async function setup(project: TestProject): Promise<void> {
  postgres = await startPostgres({ dataFolder, lifetime: 'command' });
  const connection = postgres.connection('postgres', 'postgres');
  if (!postgres.joined) await prepare(connection);
  project.provide('postgres', connection);
}

export async function teardown(): Promise<void> {
  await postgres.stop();
  if (!postgres.joined) rmSync(dataFolder, { recursive: true });
}

/** What every test finds: the place for the template database. */
async function prepare(_connection: pg.ClientConfig): Promise<void> {}
