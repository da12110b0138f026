import { Trouble } from './trouble.ts';

/** A reason not to start that a person can act on; the message says how. */
export class CannotStart extends Trouble {}
