import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { step } from '../steps.ts';
import { CannotStart } from './cannot-start.ts';
import { type Config, exampleNeeds, unfit } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { makeFolder } from './make-folder.ts';
import { migrate } from './migrate.ts';
import { asOwner, type Owner } from './owner.ts';
import { withClient } from './postgres/connection.ts';
import { isRestoring } from './restoring.ts';
import { keyFile, type Sealer, sealerOf } from './seal.ts';
import { findServer } from './server.ts';

/** Everything one running Chirograph stands on. */
export type Instance = {
  mode: 'example' | 'live';
  database: Database;
  sealer: Sealer;
  /** Pseudonym keys are derived from this root, which is kept apart from the data. */
  pseudonymRoot: Sealer;
  folders: Folders;
  /** Does something as the owner of the database, over a connection of its own: never for a person. */
  asOwner<T>(work: (owner: Owner) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** Where files lie, all 0700: work in progress, what was released, and the last signed checkpoint of each log. */
export type Folders = { data: string; staging: string; packages: string; checkpoints: string };

export { CannotStart };

/** Who opens the instance: the service, a command that makes one if there is none, one that does not, or the end of a restore. */
export type Opening = 'service' | 'creating command' | 'command' | 'restore';

/**
 * Opens the instance: its folders and keys, PostgreSQL (its own, or the one of `databaseUrl`), the schema.
 * What it is (example or live) is set the first time and never changes. Throws `CannotStart`.
 */
export async function openInstance(
  config: Config,
  opening: Opening,
  report: (line: string) => void = () => {},
): Promise<Instance> {
  if (opening !== 'restore' && (await isRestoring(config.dataFolder))) {
    throw new CannotStart(
      `A restore into ${config.dataFolder} was begun and has not finished. Run the same "chirograph restore" again.`,
    );
  }
  const wanted = config.mode ?? (config.databaseUrl === null ? 'example' : 'live');
  if (config.databaseUrl === null && !existsSync(join(config.dataFolder, 'postgres'))) {
    if (opening === 'command') {
      throw new CannotStart(
        `There is nothing in ${config.dataFolder} yet. Run "chirograph example" for the example, or "npm start", or point CHIROGRAPH_DATA at the right folder.`,
      );
    }
    const reason = opening === 'service' ? unfit(config, wanted) : null;
    if (reason !== null) throw new CannotStart(reason);
  }
  const folders = await makeFolders(config.dataFolder);
  const sealer = sealerOf(await keyFile(config.dataFolder, 'master.key'));
  const pseudonymRoot = sealerOf(await keyFile(config.dataFolder, 'pseudonym-root.key'));
  const lifetime = opening === 'service' ? 'service' : 'command';
  const server = await findServer(config, lifetime, sealer, report);
  try {
    const keyCheck = sealer.derive('instance').toString('hex');
    await refuseOtherKeys(server.administrator, keyCheck);
    await migrate(server.administrator, server.passwords);
    const mode = await settleMode(server.administrator, wanted, keyCheck, config);
    step('instance.settled');
    const reason = opening === 'service' ? unfit(config, mode) : null;
    if (reason !== null) throw new CannotStart(reason);
    const database = openDatabase(server);
    return {
      mode,
      database,
      sealer,
      pseudonymRoot,
      folders,
      asOwner: (work) => asOwner(server.administrator, work),
      close: async () => {
        await database.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function makeFolders(data: string): Promise<Folders> {
  const folders = {
    data,
    staging: join(data, 'staging'),
    packages: join(data, 'packages'),
    checkpoints: join(data, 'checkpoints'),
  };
  // One that is there keeps its mode: where PostgreSQL runs as a user of its own, that user may pass through it.
  await makeFolder(data).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'EEXIST') return; // Another process has just made it.
    throw new CannotStart(
      `The data folder ${data} cannot be made (${fault.code}). Set CHIROGRAPH_DATA to a folder you can write to.`,
    );
  });
  for (const folder of [folders.staging, folders.packages, folders.checkpoints]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  }
  return folders;
}

// Before anything is changed: a new data folder on an old database would give the roles new passwords and lock everyone out.
async function refuseOtherKeys(administrator: pg.ClientConfig, keyCheck: string): Promise<void> {
  await withClient(administrator, async (client) => {
    const { rows: tables } = await client.query(`select to_regclass('public.instance') as found`);
    if (tables[0]?.found === null) return;
    await client.query('set role chirograph_owner');
    const { rows } = await client.query<{ key_check: string }>('select key_check from instance');
    if (rows[0] && rows[0].key_check !== keyCheck) {
      throw new CannotStart(
        'This database belongs to a Chirograph with other keys. Set CHIROGRAPH_DATA to its data folder, or put its keys/ back from a backup.',
      );
    }
  });
}

async function settleMode(
  administrator: pg.ClientConfig,
  wanted: 'example' | 'live',
  keyCheck: string,
  config: Config,
): Promise<'example' | 'live'> {
  return withClient(administrator, async (client) => {
    await client.query('set role chirograph_owner');
    const insert = 'insert into instance (mode, key_check) values ($1, $2) on conflict do nothing';
    await client.query(insert, [wanted, keyCheck]);
    const { rows } = await client.query<{ mode: 'example' | 'live' }>('select mode from instance');
    const mode = rows[0]?.mode ?? wanted;
    if (config.mode !== null && config.mode !== mode) {
      throw new CannotStart(
        mode === 'example'
          ? `${config.dataFolder} holds the example and can never become a real instance. Set CHIROGRAPH_DATA to a new folder.`
          : `${config.dataFolder} holds a real instance; the example needs a CHIROGRAPH_DATA of its own.`,
      );
    }
    if (mode === 'example' && config.databaseUrl !== null) throw new CannotStart(exampleNeeds.ownDatabase);
    return mode;
  });
}
