import type { KeptAgreement } from '../agreements/index.ts';
import type { Organisation } from '../organisations/rules.ts';
import { type DataRequest, dataSetOf, fieldRows, titleOf } from '../requests/index.ts';
import { largestUpload } from './rules.ts';
import type { Run } from './run-store.ts';
import type { Release } from './store.ts';

/** Dropping the file that an agreed request is answered from: which columns it needs, and what is done to each; `k`: groups larger than agreed. */
export function preparePage(
  request: DataRequest,
  kept: KeptAgreement,
  recipient: Organisation,
  { release, running, k }: { release: Release | null; running: Run | null; k: number | null },
) {
  const dataSet = dataSetOf(kept.agreement, request.dataSet);
  const form = forms[dataSet?.format.type ?? 'csv'];
  return {
    reference: request.reference,
    dataSet: titleOf(kept.agreement, request.dataSet),
    recipient: recipient.name,
    agreement: kept.agreement.reference,
    megabytes: largestUpload / 1024 / 1024,
    fields: dataSet ? fieldRows(dataSet.fields, k ?? dataSet.protection?.k ?? null) : [],
    larger: k === null ? null : { k, agreed: dataSet?.protection?.k ?? null },
    form,
    running: running?.id ?? null,
    waiting: release?.state === 'prepared' ? release.reference : null,
  };
}

/** The forms that a file can be agreed to have: in words, and what a browser offers to choose from. */
const forms = {
  csv: { says: 'CSV with its header', accept: '.csv,text/csv' },
  xlsx: { says: 'Excel (.xlsx) with its header in the first row', accept: '.xlsx' },
  jsonl: { says: 'JSON lines', accept: '.jsonl,.ndjson' },
  parquet: { says: 'Parquet', accept: '.parquet' },
} as const;
