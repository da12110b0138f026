export { approveRelease } from './approve-release.ts';
export { acknowledgeRelease, collectRelease } from './collect-release.ts';
export { destroyRelease } from './destroy-release.ts';
export { readManifest } from './manifest.ts';
export { prepareRelease } from './prepare-release.ts';
export { type ShareData, type Shared, shareData } from './share-data.ts';
export { findOpenReleases, findReleases, type Release } from './store.ts';
export { sweep } from './sweep.ts';
export { verifyPackage } from './verify-package.ts';
