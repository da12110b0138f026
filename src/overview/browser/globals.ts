import { BrowserBuffer } from './buffer.ts';

Object.assign(globalThis, { Buffer: BrowserBuffer });
