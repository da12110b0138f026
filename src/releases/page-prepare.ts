import type { KeptAgreement } from '../agreements/index.ts';
import type { Organisation } from '../organisations/rules.ts';
import { type DataRequest, dataSetOf, fieldRows, titleOf } from '../requests/index.ts';
import { largestUpload } from './rules.ts';
import type { Release } from './store.ts';

/** Dropping the file that an agreed request is answered from: which columns it needs, and what is done to each. */
export function preparePage(
  request: DataRequest,
  kept: KeptAgreement,
  recipient: Organisation,
  release: Release | null,
) {
  const dataSet = dataSetOf(kept.agreement, request.dataSet);
  return {
    reference: request.reference,
    dataSet: titleOf(kept.agreement, request.dataSet),
    recipient: recipient.name,
    agreement: kept.agreement.reference,
    megabytes: largestUpload / 1024 / 1024,
    fields: dataSet ? fieldRows(dataSet.fields, dataSet.protection?.k ?? null) : [],
    waiting: release?.state === 'prepared' ? release.reference : null,
  };
}
