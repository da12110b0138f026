export { DataSet, protectionInWords } from './data-set.ts';
export type { PipelineReport } from './report.ts';
export { runRelease } from './run.ts';
