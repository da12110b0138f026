export { DataSet, outputInWords, protectionInWords } from './data-set.ts';
export { writeXlsx } from './output/xlsx.ts';
export type { Counts } from './quality/drift.ts';
export { checksOf } from './quality/quality.ts';
export { rowsInTermsInWords } from './quality/row-filter.ts';
export { failureInWords, type PipelineReport, rowsInWords, whereItFails } from './report.ts';
export { type Progress, runRelease } from './run.ts';
export { sealOutput } from './seal-output.ts';
