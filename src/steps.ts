import { channel } from 'node:diagnostics_channel';

const steps = channel('chirograph:step');

/**
 * The moments between which a journey can be cut off, each named after what has just happened. `test/faults` ends the
 * service, PostgreSQL or the pipeline's child at every one of them, and fails where one is reached that is not here, or
 * is here and not reached.
 */
export type Step =
  // The instance
  | 'postgres.started'
  | 'migration.begun'
  | 'migration.done'
  | 'migration.committed'
  | 'instance.settled'
  | 'swept'
  | 'file.drafted'
  // One transaction
  | 'transaction.begun'
  | 'ledger.appended'
  | 'transaction.done'
  | 'transaction.committed'
  // The integrator
  | 'ledger.signed'
  | 'checkpoint.kept'
  | 'ledger.integrated'
  // Work with people's data
  | 'staging.made'
  | 'pipeline.copied'
  | 'pipeline.child-started'
  | `pipeline: ${PipelineStep}`
  | 'pipeline.child-ended'
  | 'pipeline.output-ready'
  | 'staging.removed'
  // A package
  | 'package.encrypted'
  | 'package.placed'
  | 'package.completed'
  | 'package.opened'
  | 'receipt.written'
  | 'package.removed'
  // A restore
  | RestoreStep
  // What a command writes for whoever called it
  | 'delivery.begun'
  | 'delivery.copied'
  | 'delivery.done';

/** The steps of a restore. Others of an instance are between them. */
export type RestoreStep =
  | 'restore.begun'
  | 'restore.loaded'
  | 'restore.placed'
  | 'restore.committed'
  | 'restore.proved'
  | 'restore.done';

/** The steps of the pipeline, as its child process tells them when each begins. */
export type PipelineStep =
  | 'read the file'
  | 'check types'
  | 'generalise'
  | 'find the levels'
  | 'hold back small groups'
  | 'pseudonymise'
  | 'preview'
  | 'write';

/** Says that a step is done, to whoever listens in this process; nobody does, but in tests. */
export function step(name: Step): void {
  if (steps.hasSubscribers) steps.publish(name);
}
