import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname } from 'node:path';
import type { Format } from '../data-set.ts';
import { inFolderByHand } from '../folder-by-hand.ts';
import { inChild } from '../run.ts';
import { type Profile, unreadable } from './profile-report.ts';

/** The form that a file has by the ending of its name. What has no ending that is known is taken for CSV. */
export function formatOf(path: string): Format {
  const formats: Record<string, Format> = {
    '.xlsx': { type: 'xlsx' },
    '.parquet': { type: 'parquet' },
    '.jsonl': { type: 'jsonl' },
    '.ndjson': { type: 'jsonl' },
  };
  return formats[extname(path).toLowerCase()] ?? { type: 'csv' };
}

/**
 * Says what a file (absolute path) holds, and which of its columns point at people, without a service. It runs in the same
 * child process as a release. A file that cannot be read is said in the profile; throws a `PipelineFault`.
 */
export async function profileFile(input: string, format: Format, signal?: AbortSignal): Promise<Profile> {
  return inFolderByHand(await realpath(tmpdir()), async (folder) => {
    try {
      const { copied, found } = await inChild<Profile>({ input }, { profile: { folder, format } }, signal);
      return found ?? unreadable(copied.problem);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  });
}
