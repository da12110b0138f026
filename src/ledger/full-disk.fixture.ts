import { openDatabase } from '../platform/database.ts';
import { sealerOf } from '../platform/seal.ts';
import { integratePending } from './integrate.ts';

// A process of its own, because a folder that is full is made in a mount namespace of its own: integrates once, and
// says what could not be.
const { connection, checkpoints } = JSON.parse(process.argv[2] ?? '');
const database = openDatabase({ app: connection, worker: { ...connection, user: 'chirograph_worker' } });
const masterKey = Buffer.from(process.argv[3] ?? '', 'hex');
const waiting = await integratePending({ database, sealer: sealerOf(masterKey), folders: { checkpoints } });
process.stdout.write(waiting.map(({ fault }) => String(fault)).join('\n'));
await database.close();
