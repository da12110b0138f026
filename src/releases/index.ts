export { approveRelease, judgeApproval, withdrawRelease } from './approve-release.ts';
export { acknowledgeRelease, collectRelease, halvesOf } from './collect-release.ts';
export { destroyRelease } from './destroy-release.ts';
export { readManifest } from './manifest.ts';
export { prepareRelease } from './prepare-release.ts';
export { packageFolder, receiptOf } from './send-release.ts';
export { type ShareData, type Shared, shareData } from './share-data.ts';
export {
  findOpenReleases,
  findRelease,
  findReleaseOf,
  findReleases,
  findWorkings,
  type Release,
} from './store.ts';
export { sweep } from './sweep.ts';
export { verifyPackage } from './verify-package.ts';
