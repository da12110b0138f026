import { encryptFile } from '../platform/age.ts';
import type { Written } from '../platform/write-whole.ts';
import type { PipelineReport } from './report.ts';

/**
 * Encrypts what a report says may leave to age recipients, in one pass: a new file, whole or not at all. Throws where the file is
 * not, byte for byte, the one that was reported.
 */
export async function sealOutput(
  output: NonNullable<PipelineReport['output']>,
  to: string,
  recipients: readonly string[],
  signal?: AbortSignal,
): Promise<Written> {
  const { plain, encrypted } = await encryptFile(output.path, to, recipients, signal);
  if (plain.sha256 !== output.sha256) throw new Error('What was encrypted is not what was checked.');
  return encrypted;
}
