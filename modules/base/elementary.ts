/**
 * Natural logarithm and exponential from the four operations alone, so that every engine gives the same bits:
 * ECMAScript leaves the last place of Math.log and Math.exp to the implementation.
 * Relative error below 1e-15 over the ranges used here.
 */
export { exp, ln } from './kernels.js';
