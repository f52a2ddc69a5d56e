/** Stands in the place of modules/base/kernels.ts for every module of modules/: the C of the boards. */
export const { addQuietLines } = bench;
export const { addSettledContacts } = bench;
export const { sumPicked } = bench;
export const { fitPicked } = bench;
export const { addToHistogram } = bench;
export const { completeRow } = bench;
export const { restartRow } = bench;
export const { addToReadings } = bench;
export const { standardiseRow } = bench;
export const { watchChannels } = bench;
export const { fitChannel } = bench;
export const { combineChannels } = bench;
export const { addGoodValues } = bench;
export const { addProducts } = bench;
export const { addToBands } = bench;
export const { ln } = bench;
export const { exp } = bench;
