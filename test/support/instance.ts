import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { openDatabase } from '../../src/platform/database.ts';
import type { Instance } from '../../src/platform/instance.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { asOwner } from '../../src/platform/owner.ts';
import { sealerOf } from '../../src/platform/seal.ts';

/** A whole instance on the run's PostgreSQL, with a database and folders of its own, and a way to look past its walls. */
export type TestInstance = {
  instance: Instance;
  /** A connection that row-level security does not hold. */
  superuser: pg.Client;
  close(): Promise<void>;
};

/** Makes an empty instance. `close` removes it whole. */
export async function anInstance(mode: Instance['mode']): Promise<TestInstance> {
  const database = `instance_${randomBytes(4).toString('hex')}`;
  const connection = { ...inject('postgres'), database };
  const admin = new pg.Client(inject('postgres'));
  await admin.connect();
  await admin.query(`create database ${database}`);
  await migrate(connection, null);
  const superuser = new pg.Client(connection);
  await superuser.connect();
  await superuser.query('insert into instance (mode, key_check) values ($1, $2)', [mode, 'test']);
  const opened = openDatabase({
    app: { ...connection, user: 'chirograph_app' },
    worker: { ...connection, user: 'chirograph_worker' },
  });
  const data = mkdtempSync(join(tmpdir(), 'chirograph-instance-'));
  const folders = {
    data,
    staging: join(data, 'staging'),
    packages: join(data, 'packages'),
    checkpoints: join(data, 'checkpoints'),
  };
  for (const folder of [folders.staging, folders.packages, folders.checkpoints, join(data, 'keys')])
    mkdirSync(folder, { mode: 0o700 });
  const close = async () => {
    await opened.close();
    await superuser.end();
    await admin.query(`drop database ${database} with (force)`);
    await admin.end();
    rmSync(data, { recursive: true, force: true });
  };
  const sealer = sealerOf(randomBytes(32));
  const pseudonymRoot = sealerOf(randomBytes(32));
  return {
    instance: {
      mode,
      database: opened,
      sealer,
      pseudonymRoot,
      folders,
      asOwner: (work) => asOwner(connection, work),
      close,
    },
    superuser,
    close,
  };
}
