// Stands in the place of modules/base/kernels.ts, by kernels.c; the syntax is that of the Moddable SDK's compiler.
export function addQuietLines(analog, lines, samples) @ "xs_addQuietLines";
export function addSettledContacts(digital, contacts, samples) @ "xs_addSettledContacts";
export function sumPicked(weights, picks, first, count, values) @ "xs_sumPicked";
export function fitPicked(fit, weights, picks, first, n, values, target, gain) @ "xs_fitPicked";
export function addToHistogram(counts, state, i, sample, p, edges, prior) @ "xs_addToHistogram";
export function addProducts(i, y, before, now, lag) @ "xs_addProducts";
export function addToBands(values, ranges, pending, range, cells, cell) @ "xs_addToBands";
export function ln(x) @ "xs_ln";
export function exp(x) @ "xs_exp";
export function crc32c(bytes, start, end) @ "xs_crc32c";
export function findZero(bytes, from, end) @ "xs_findZero";
export function followCodes(bytes, from, end) @ "xs_followCodes";
export function cobsEncode(from, length, into, at) @ "xs_cobsEncode";
export function cobsDecode(from, start, end, into) @ "xs_cobsDecode";
