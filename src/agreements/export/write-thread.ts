import { parentPort, workerData } from 'node:worker_threads';
import { readLaw } from '../law.ts';
import { writeForm } from './forms.ts';
import type { ForThread } from './write-in-thread.ts';

const port = parentPort;
if (!port) throw new Error('This is a thread of write-in-thread.ts.');
const { form, agreement, standing }: ForThread = workerData;
port.postMessage(await writeForm(form, agreement, readLaw(), standing));
