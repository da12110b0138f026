export { decryptFile, type Encrypted, encryptFile } from './encrypt.ts';
export { ColumnType, DataSet, Field, type Form, Level, type Plan, planRelease, Role, Use } from './plan.ts';
export type { Classes, PipelineReport, PreviewRow, Problem, ProblemCheck, WrongType } from './report.ts';
export { type Job, PipelineFault, runRelease } from './run.ts';
