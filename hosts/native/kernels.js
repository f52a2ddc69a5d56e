// Stands in the place of modules/base/kernels.ts, by kernels.c; the syntax is that of the Moddable SDK's compiler.
export function addQuietLines(analog, lines, samples) @ "xs_addQuietLines";
export function addSettledContacts(digital, contacts, samples) @ "xs_addSettledContacts";
export function sumPicked(weights, picks, first, count, values) @ "xs_sumPicked";
export function fitPicked(fit, weights, picks, first, n, values, target, gain) @ "xs_fitPicked";
export function addToHistogram(counts, state, i, sample, p, edges, prior) @ "xs_addToHistogram";
export function completeRow(lines, contacts, blocks, share, values, qualities) @ "xs_completeRow";
export function restartRow(lines, contacts) @ "xs_restartRow";
export function addToReadings(lines, blocks, readings) @ "xs_addToReadings";
export function standardiseRow(row, qualities, isFresh, inputs, values, quarters, rows) @ "xs_standardiseRow";
export function watchChannels(channels, first, end, inputs, values, weights, picks) @ "xs_watchChannels";
export function fitChannel(channels, j, fit, inputs, values, weights, picks, gain, counts, state, edges, isCollecting) @ "xs_fitChannel";
export function combineChannels(channels, views) @ "xs_combineChannels";
export function addGoodValues(inputs, values, sums, rows) @ "xs_addGoodValues";
export function addProducts(i, y, before, now, lag) @ "xs_addProducts";
export function addToBands(values, ranges, pending, range, cells, cell) @ "xs_addToBands";
export function ln(x) @ "xs_ln";
export function exp(x) @ "xs_exp";
