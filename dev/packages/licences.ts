import type { LockedPackage } from './locked-packages.ts'

/** Licences under which a package may be used and passed on here, none of which asks anything of this project's own code. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
])

/** Packages that state none in SPDX's terms: what their own files say. A new version is looked at anew. */
const STATED: Readonly<Record<string, string>> = {
  'nub@0.0.0': 'MIT', // "MIT/X11"
  'unionfs@4.6.0': 'Unlicense', // its LICENSE
}

/** The licence of a package as an SPDX expression; empty if it states none. */
export function licenceOf({ name, version, license = '' }: LockedPackage): string {
  return STATED[`${name}@${version}`] ?? license
}

/** Reports whether a package may be used: by one of the licences that it offers, and by all of those that it combines. */
export function isAllowed(locked: LockedPackage): boolean {
  const offered = licenceOf(locked).replace(/[()]/g, '').split(' OR ')
  return offered.some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence)))
}
