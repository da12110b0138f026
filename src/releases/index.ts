export { approveRelease } from './approve-release.ts';
export { auditPackages } from './audit-packages.ts';
export { acknowledgeRelease, collectRelease } from './collect-release.ts';
export { destroyRelease } from './destroy-release.ts';
export {
  countOverdue,
  countWork,
  findReleasesBetween,
  findReleasesOf,
  findUrgentReleases,
  type ListedRelease,
} from './lists.ts';
export { readManifest } from './manifest.ts';
export { findPackage, findPackages, type PackageContents } from './package-contents.ts';
export { prepareRelease } from './prepare-release.ts';
export { rebuildRelease } from './rebuild-release.ts';
export { sealedReleases, sealedWorkings } from './sealed.ts';
export { type ShareData, type Shared, shareData } from './share-data.ts';
export { findInStates, type Release } from './store.ts';
export { startSweeping, sweep } from './sweep.ts';
export { verifyPackage } from './verify-folder.ts';
export {
  type FilesToVerify,
  type FileToVerify,
  verifyFiles,
} from './verify-package.ts';
