export { DataSet, protectionInWords } from './data-set.ts';
export { checksOf } from './quality.ts';
export { failureInWords, type PipelineReport } from './report.ts';
export { rowsInTermsInWords } from './row-filter.ts';
export { runRelease } from './run.ts';
