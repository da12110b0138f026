import { parentPort, workerData } from 'node:worker_threads';
import { readLaw } from '../law.ts';
import { compareTexts } from './compare-texts.ts';

const port = parentPort;
if (!port) throw new Error('This is a thread of compare-in-thread.ts.');
port.postMessage(await compareTexts(workerData, readLaw()));
