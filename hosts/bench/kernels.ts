/** Stands in the place of modules/base/kernels.ts for every module of modules/: the C of the boards. */
export const { addQuietLines } = bench;
export const { addSettledContacts } = bench;
export const { sumPicked } = bench;
export const { fitPicked } = bench;
export const { addToHistogram } = bench;
export const { addProducts } = bench;
export const { addToBands } = bench;
export const { ln } = bench;
export const { exp } = bench;
export const { crc32c } = bench;
export const { findZero } = bench;
export const { followCodes } = bench;
export const { cobsEncode } = bench;
export const { cobsDecode } = bench;
