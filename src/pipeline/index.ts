export { DataSet } from './plan.ts';
export type { PipelineReport } from './report.ts';
export { runRelease } from './run.ts';
