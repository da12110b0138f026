export { countBars } from './count-bars.ts';
export { groupBars } from './group-bars.ts';
export { inPercent, sizeCurve } from './size-curve.ts';
